"""The charts, as PNG. Labels are ASCII: the font that matplotlib brings has no Japanese, and other fonts are anybody's.

Those of the card are for pages of any width, bright or dark: nothing but colours and gray letters on no background,
large enough for a telephone, at two dots per point of the page.

The same figures give the same bytes: settings of the reader's own are left out of it, and so are version and date.
Those that a person asks for name the command in their metadata, by which it knows them again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE = "#3b6ea8", "#d9822b"
WIDTH, DOTS_PER_INCH = 9.0, 100  # inches, hence 900 dots wide
NARROW = 5.6
"""Inches: the width of the card's charts, which a page shows 560 points wide, or as wide as it is."""
LETTERS = 13
"""Points of the letters of the card's charts: on a telephone 350 points wide they are 11 of its points high."""
GRAY = "#767676"
"""Contrast 4.5 with white, 4.2 with the Hub's dark page."""
COLOURS = ("#3f87c9", "#d9822b", "#8f7fd6")
OTHER_COLOURS = ("#2a9d8f", "#c9a227", "#d1495b")
"""For another division of the same records: one colour has one meaning."""
DRAWN_BY = "python -m builders stats"
"""What the metadata of `bars` and `histogram` say."""
# Inches around the axes, and of a letter of a name: told once, because having matplotlib measure them doubles its work.
LEFT, RIGHT, TOP, BOTTOM, LETTER = 0.65, 0.25, 0.35, 0.55, 0.085


def bars(counts: Mapping[str, int], title: str, label: str) -> bytes:
    """A horizontal bar per name, the longest on top, with its count beside it; the axis is logarithmic.

    Args:
        counts: count by name; zero is left out.
        title: heading.
        label: what is counted.
    """
    ordered = sorted(((name, count) for name, count in counts.items() if count), key=lambda pair: (pair[1], pair[0]))

    def draw(axes: Axes) -> None:
        drawn = axes.barh([name for name, _ in ordered], [count for _, count in ordered], color=BLUE, log=True)
        axes.bar_label(drawn, [f"{count:,}" for _, count in ordered], padding=4, fontsize=9)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.minorticks_off()
        axes.set_xlim(left=0.8, right=8 * max((count for _, count in ordered), default=1))
        axes.set(title=title, xlabel=f"{label} (logarithmic)")

    left = 0.25 + LETTER * max((len(name) for name, _ in ordered), default=0)
    return _png(draw, height=1.2 + 0.3 * max(len(ordered), 3), left=left, software=DRAWN_BY)


def histogram(series: Mapping[str, Sequence[int]], edges: Sequence[int], title: str, label: str) -> bytes:
    """Curves over logarithmic bins: the share of texts that is that long.

    Args:
        series: records per bin, by name; a series may end before the edges do.
        edges: lower edges of the bins; the first is 0 and stands for empty texts, which the curves leave out and the
            legend counts.
        title: heading.
        label: what the length is counted in.
    """

    def draw(axes: Axes) -> None:
        last = 2
        for (name, counts), colour in zip(series.items(), (BLUE, ORANGE), strict=False):
            total, empty, texts = sum(counts), counts[0] if counts else 0, list(counts[1:])
            shares = [100 * count / total for count in texts]
            named = f"{name} ({100 * empty / total:.1f} % empty)" if empty else name
            if texts:
                last = max(last, len(texts) + 1)
                axes.stairs(shares, _upper(edges)[: len(texts) + 1], color=colour, fill=True, alpha=0.25)
                axes.stairs(shares, _upper(edges)[: len(texts) + 1], color=colour, linewidth=1.6, label=named)
        axes.set_xscale("log")
        axes.set_xlim(1, _upper(edges)[last - 1])
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.set(title=title, xlabel=f"{label} (logarithmic)", ylabel="% of records")
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False)

    return _png(draw, height=4.2, left=LEFT, software=DRAWN_BY)


def is_ours(file: BinaryIO) -> bool:
    """Says whether an open file is a chart of `bars` or `histogram`: the metadata stand before the picture."""
    return f"Software\0{DRAWN_BY}".encode() in file.read(1024)


def _upper(edges: Sequence[int]) -> list[int]:
    """Edges of the bins without the one for empty texts, closed at the end."""
    return [*edges[1:], 2 * edges[-1]]


@dataclass(frozen=True)
class Span:
    """The length that a tenth, a half and nine tenths of some texts stay under."""

    low: float
    middle: float
    high: float


def shares(bars: Mapping[str, Mapping[str, int]]) -> bytes:
    """A bar under each heading whose pieces are as long as their shares, with names and per cents below it.

    Args:
        bars: counts by name, three at most, by heading.
    """

    palettes = (COLOURS, OTHER_COLOURS)

    def draw(axes: Axes) -> None:
        for row, (title, counts) in enumerate(bars.items()):
            total, left = max(sum(counts.values()), 1), 0.0
            axes.text(0, row + 0.14, title, color=GRAY, fontsize=LETTERS, weight="bold", va="center")
            pieces = zip(counts.items(), palettes[row % 2], strict=False)
            for number, ((name, count), colour) in enumerate(pieces):
                place = number / 3
                axes.barh(row + 0.37, count / total, 0.2, left, color=colour)
                axes.plot(place + 0.015, row + 0.6, "s", color=colour, markersize=LETTERS * 0.7)
                axes.text(place + 0.04, row + 0.6, name, color=GRAY, fontsize=LETTERS, va="center")
                axes.text(place + 0.04, row + 0.78, f"{count / total:.1%}", color=GRAY, fontsize=LETTERS, va="center")
                left += count / total
        axes.set(xlim=(0, 1), ylim=(max(len(bars), 1), 0))
        axes.set_axis_off()

    return _clear_png(draw, height=1.45 * max(len(bars), 1), left=0.05, bottom=0.0)


def spans(rows: Mapping[str, Span], title: str) -> bytes:
    """A line per name from low to high, with a mark in the middle; the axis is logarithmic.

    Args:
        rows: spans by name.
        title: heading.
    """

    def draw(axes: Axes) -> None:
        for row, span in enumerate(rows.values()):
            colour = COLOURS[row // 2 % len(COLOURS)]
            axes.plot([span.low, span.high], [row, row], color=colour, linewidth=9, solid_capstyle="butt")
            axes.plot(span.middle, row, "|", color=GRAY, markersize=22, markeredgewidth=3)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.minorticks_off()
        axes.set_yticks(range(len(rows)), labels=list(rows))
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.tick_params(colors=GRAY, labelsize=LETTERS, length=0)
        axes.grid(axis="x", color=GRAY, alpha=0.3)
        axes.spines[:].set_visible(False)
        axes.set_title(title, color=GRAY, fontsize=LETTERS - 1, loc="right")

    return _clear_png(draw, height=0.9 + 0.38 * max(len(rows), 1), left=2.05)


def _clear_png(draw: Callable[[Axes], None], height: float, left: float, bottom: float = BOTTOM) -> bytes:
    return _png(draw, height, left, bottom, width=NARROW, dots=2 * DOTS_PER_INCH, clear=True)


def _png(
    draw: Callable[[Axes], None],
    height: float,
    left: float,
    bottom: float = BOTTOM,
    width: float = WIDTH,
    dots: int = DOTS_PER_INCH,
    clear: bool = False,
    software: str | None = None,
) -> bytes:
    # imported here, because it takes most of a second and only a finished build draws
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(matplotlib.rcParamsDefault):
        figure = Figure(figsize=(width, height), dpi=dots)
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(
            left=left / width, right=1 - RIGHT / width, top=1 - min(TOP, bottom) / height, bottom=bottom / height
        )
        axes = figure.add_subplot(grid[0])
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        content = BytesIO()
        figure.savefig(content, format="png", metadata={"Software": software}, transparent=clear)
    return content.getvalue()
