"""The funnel in the terminal: what was left out between the raw rows and the curated edition, and why."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from builders.commands import terminal
from builders.tree import funnel
from builders.tree.report import CleanReport, Report


def show(console: Console, report: Report) -> None:
    """Prints the funnel of a dataset with a curated edition: by config, by rule, and the benchmarks."""
    assert report.clean is not None
    _print_configs(console, report)
    _print_rules(console, report.clean)
    _print_benchmarks(console, report.clean)
    for warning in report.clean.warnings:
        look = ("Look at this:", "bold yellow")
        console.print(Text.assemble(look, " ", terminal.plain(warning)), soft_wrap=True)


def _print_configs(console: Console, report: Report) -> None:
    clean = report.clean.configs if report.clean else {}
    funnels = {name: way for name, way in funnel.of_report(report).items() if name in clean}
    table = terminal.table("From raw rows to the curated edition")
    table.show_footer = True
    total = funnel.total(funnels.values())
    table.add_column("config", footer="sum", no_wrap=True)
    for head, number in zip(("raw rows", "rejected", "records", "dropped", "curated"), _numbers(total), strict=True):
        table.add_column(head, justify="right", no_wrap=True, footer=f"{number:,}")
    for name, way in funnels.items():
        table.add_row(name, *(f"{number:,}" for number in _numbers(way)))
    console.print(table)
    _print_reasons(console, "Rejected, by reason", {**total.rejected_rows, **total.rejected_records})


def _numbers(way: funnel.Funnel) -> tuple[int, ...]:
    rejected = sum(way.rejected_rows.values()) + sum(way.rejected_records.values())
    return way.rows, rejected, way.records, sum(way.dropped.values()), way.clean or 0


def _print_reasons(console: Console, title: str, counts: dict[str, int]) -> None:
    if counts:
        table = terminal.table(title)
        table.add_column("reason", overflow="fold")
        table.add_column("count", justify="right")
        for reason, count in counts.items():
            table.add_row(terminal.plain(reason), f"{count:,}")
        console.print(table)


def _print_rules(console: Console, clean: CleanReport) -> None:
    table = terminal.table("Rules, in order; a record is dropped by the first that drops it")
    for head in ("rule", "kind"):
        table.add_column(head, no_wrap=True)
    for head in ("hit", "dropped", "most in"):
        table.add_column(head, justify="left" if head == "most in" else "right", overflow="fold")
    for name, rule in clean.rules.items():
        hits = {config: entry.hits[name] for config, entry in clean.configs.items() if name in entry.hits}
        dropped = sum(entry.dropped.get(name, 0) for entry in clean.configs.values())
        most = max(hits, key=lambda config: hits[config]) if hits else ""
        where = f"{most} {hits[most]:,}" if most else "" if rule.enabled else "switched off"
        table.add_row(terminal.plain(name), rule.kind, f"{sum(hits.values()):,}", f"{dropped:,}", where)
    console.print(table)


def _print_benchmarks(console: Console, clean: CleanReport) -> None:
    if not clean.benchmarks:
        return
    table = terminal.table("Benchmarks; left: found by a second look at the curated edition")
    table.add_column("benchmark", overflow="fold")
    for head in ("items", "too short", "records", "left"):
        table.add_column(head, justify="right")
    for name, one in clean.benchmarks.items():
        numbers = (one.items, one.skipped, sum(one.hits.values()), one.left)
        table.add_row(terminal.plain(name), *(f"{number:,}" for number in numbers))
    console.print(table)
