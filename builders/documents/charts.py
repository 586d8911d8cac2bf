"""The charts, as PNG. Labels are ASCII: the font that matplotlib brings has no Japanese, and other fonts are anybody's.

The same figures give the same bytes: settings of the reader's own are left out of it, and so are version and date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE = "#3b6ea8", "#d9822b"
WIDTH, DOTS_PER_INCH = 9.0, 100  # inches, hence 900 dots wide
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
    return _png(draw, height=1.2 + 0.3 * max(len(ordered), 3), left=left)


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

    return _png(draw, height=4.2, left=LEFT)


def _upper(edges: Sequence[int]) -> list[int]:
    """Edges of the bins without the one for empty texts, closed at the end."""
    return [*edges[1:], 2 * edges[-1]]


def _png(draw: Callable[[Axes], None], height: float, left: float) -> bytes:
    # imported here, because it takes most of a second and only a finished build draws
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(matplotlib.rcParamsDefault):
        figure = Figure(figsize=(WIDTH, height), dpi=DOTS_PER_INCH)
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(
            left=left / WIDTH, right=1 - RIGHT / WIDTH, top=1 - TOP / height, bottom=BOTTOM / height
        )
        axes = figure.add_subplot(grid[0])
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        content = BytesIO()
        figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()
