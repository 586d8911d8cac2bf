"""The funnel as Markdown, for the card: what was left out between the raw rows and the curated edition, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from builders import layout
from builders.documents.markdown import plain, table
from builders.tree import funnel, reader
from builders.tree.funnel import Funnel
from builders.tree.report import CleanReport, Report

TITLE = "Curated edition: what was left out, and why"


def text(report: Report) -> str:
    """The section, for a dataset with a curated edition; else "".

    Args:
        report: of the built dataset.
    """
    if not report.clean:
        return ""
    funnels = funnel.of_report(report)
    groups = [
        (f"`{name}`", f"{config.records:,}", f"`{layout.glob(name)}`")
        for name, config in reader.clean_configs(report).items()
    ]
    return "\n\n".join(
        (
            "A second edition for training, made from the records above by rules. Marks in `marks/` say of every record "
            "which rules hit it; `python -m builders explain ID` shows all that is known of one. To load it, take one of "
            "these configs.",
            table(("config", ">records", "files"), groups),
            "Each record counts for the first rule that drops it; what a rule hits besides stands behind it.",
            table(
                ("step", ">lost", ">left", ">hit in all", "why"),
                list(_steps(report.clean, funnel.total(funnels.values()))),
            ),
            _by_config(report.clean, funnels),
            _benchmarks(report.clean),
            *_settings(report.clean),
            *(f"> [!WARNING]\n> {plain(warning)}" for warning in report.clean.warnings),
        )
    )


def _steps(clean: CleanReport, total: Funnel) -> Iterator[tuple[str, ...]]:
    """All steps of all task configs together."""
    yield "raw rows", "", f"{total.rows:,}", "", ""
    left = total.rows
    for reason, count in total.rejected_rows.items():
        left -= count
        yield "rejected", f"{count:,}", f"{left:,}", "", plain(reason)
    yield "records, one for each template", "", f"{total.made:,}", "", ""
    left = total.made
    for reason, count in total.rejected_records.items():
        left -= count
        yield "rejected", f"{count:,}", f"{left:,}", "", plain(reason)
    yield "**records**", "", f"**{total.records:,}**", "", ""
    left = total.records
    for name, rule in clean.rules.items():
        hits = sum(config.hits.get(name, 0) for config in clean.configs.values())
        lost = total.dropped.get(name, 0)
        left -= lost
        if hits:
            yield f"`{name}` ({rule.kind})", f"{lost:,}", f"{left:,}", f"{hits:,}", plain(rule.reason)
    yield "**curated edition**", "", f"**{total.clean or 0:,}**", "", ""


def _by_config(clean: CleanReport, funnels: Mapping[str, Funnel]) -> str:
    rows = []
    for name, way in funnels.items():
        if name not in clean.configs:
            continue
        dropped = ", ".join(f"{rule} {count:,}" for rule, count in way.dropped.items())
        rejected = sum(way.rejected_rows.values()) + sum(way.rejected_records.values())
        numbers = (f"{way.rows:,}", f"{rejected:,}", f"{way.records:,}", dropped or "–", f"{way.clean or 0:,}")
        rows.append((f"`{name}`", *numbers))
    return table(("config", ">raw rows", ">rejected", ">records", "dropped, by rule", ">curated"), rows)


def _benchmarks(clean: CleanReport) -> str:
    rows = [
        (
            f"`{plain(name)}`",
            f"{one.items:,}",
            f"{one.skipped:,}",
            ", ".join(f"{config} {count:,}" for config, count in one.hits.items()) or "–",
            f"{one.left:,}",
        )
        for name, one in clean.benchmarks.items()
    ]
    if not rows:
        return "No benchmark was looked for."
    head = (
        "benchmark",
        ">items",
        ">too short to tell",
        "records that are or hold an item",
        ">left in the curated edition",
    )
    return (
        f"{table(head, rows)}\n\nThe last column is counted anew in the finished files. Paraphrases and translations of an "
        "item are out of reach."
    )


def _settings(clean: CleanReport) -> Iterator[str]:
    """Switches and thresholds, where there are any to tell."""
    off = [f"`{name}`" for name, rule in clean.rules.items() if not rule.enabled]
    if off:
        yield f"Switched off: {', '.join(off)}."
    values = [
        f"`{name}` {', '.join(f'{key} {value:g}' for key, value in rule.thresholds.items())}"
        for name, rule in clean.rules.items()
        if rule.thresholds
    ]
    yield f"Thresholds: {'; '.join(values)}."
