"""Which records a page shows: what its address asks for, and the Parquet files that can hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from urllib.parse import urlencode

from builders import catalogue
from builders.errors import BuildError
from builders.tree.lengths import COUNTED
from builders.tree.report import ConfigReport, Report

LONGEST = 1 << 40
"""A length in characters that no text has."""
KEPT, DROPPED = "kept", "dropped"
"""Values of `edition`: records that are in the curated edition, and those that are not."""


@dataclass(frozen=True)
class Selection:
    """What the address of a page asks for; "" or None where it does not.

    Args:
        config: a config or a group of the catalogue.
        source: name of a corpus.
        task: name of a template.
        license: identifier.
        q: a text that instruction, input or output holds; capital letters make no difference.
        column: whose length is asked for: `input` or `output`.
        least, most: its length in characters; both ends belong to it.
        rule: name of a rule of the curated edition that hit the record.
        edition: `KEPT` or `DROPPED`.
    """

    config: str = ""
    source: str = ""
    task: str = ""
    license: str = ""
    q: str = ""
    column: str = ""
    least: int | None = None
    most: int | None = None
    rule: str = ""
    edition: str = ""

    def address(self, path: str = "/records", **others: object) -> str:
        """The address of a page about these records.

        Args:
            path: of the page.
            others: further parameters, or others instead of the selection's; "" or None leaves one out.
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)} | others
        kept = {name: value for name, value in values.items() if value not in ("", None)}
        return f"{path}?{urlencode(kept)}" if kept else path

    @property
    def asks_for_marks(self) -> bool:
        """Whether only the marks of the curated edition can answer it."""
        return bool(self.rule or self.edition)

    @property
    def asks_for_content(self) -> bool:
        """Whether files must be read to count its records; else the report has the number."""
        return bool(self.q or self.column or self.asks_for_marks)


def parse(arguments: Mapping[str, str], report: Report) -> Selection:
    """The selection of an address.

    Args:
        arguments: its parameters; others than the selection's are not looked at.
        report: of the dataset.

    Raises:
        BuildError: a value names nothing that there is, or is no number.
    """
    named = {name: arguments.get(name, "") for name in ("config", "source", "task", "license")}
    known = {
        "config": [*catalogue.CONFIGS],
        "source": sorted({config.corpus for config in report.configs.values()}),
        "task": sorted({task for config in report.configs.values() for task in config.templates}),
        "license": sorted({config.license for config in report.configs.values()}),
    }
    for name, value in named.items():
        if value and value not in known[name]:
            raise BuildError(f'There is no {name} "{value}" in this dataset.', _nearest(value, known[name]))
    column, edition = arguments.get("column", ""), arguments.get("edition", "")
    for name, value, allowed in (("column", column, COUNTED), ("edition", edition, (KEPT, DROPPED))):
        if value and value not in allowed:
            raise BuildError(f'There is no {name} "{value}".', f"It is one of: {', '.join(allowed)}.")
    return Selection(
        **named,
        q=arguments.get("q", ""),
        column=column,
        least=number(arguments, "least"),
        most=number(arguments, "most"),
        rule=arguments.get("rule", ""),
        edition=edition,
    )


def number(arguments: Mapping[str, str], name: str) -> int | None:
    """A whole number from 0 on of an address; None where it has none.

    Raises:
        BuildError: it is something else.
    """
    text = arguments.get(name, "")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise BuildError(f'"{name}" must be a whole number, not "{text[:40]}".', "Mend it, or leave it out.")
    return int(text)


def _nearest(value: str, known: list[str]) -> str:
    near = catalogue.suggestion(value, known).partition(" `")[0]
    return near if near.startswith("Did") else f"It has: {', '.join(known) or 'nothing'}."


@dataclass(frozen=True)
class Shard:
    """A Parquet file that can hold records of a selection.

    Args:
        config: name of its task config.
        path: relative to the output directory.
        start: number of its first record, counted through all files that can hold records of the selection.
        rows: number of its records.
    """

    config: str
    path: str
    start: int
    rows: int


def configs_of(selection: Selection, report: Report) -> dict[str, ConfigReport]:
    """The task configs that can hold its records: config, source and license are the same for all records of a file."""
    members = catalogue.CONFIGS[selection.config] if selection.config else tuple(report.built)
    return {
        name: config
        for name, config in report.built.items()
        if name in members
        and selection.source in ("", config.corpus)
        and selection.license in ("", config.license)
        and (not selection.task or config.templates.get(selection.task))
    }


def shards_of(selection: Selection, report: Report) -> Iterator[Shard]:
    """The files that can hold its records, in the dataset's order."""
    start = 0
    for name, config in configs_of(selection, report).items():
        for file in config.shards:
            yield Shard(name, file.path, start, file.rows or 0)
            start += file.rows or 0


def count_of(selection: Selection, report: Report) -> int:
    """Number of records by the report: exact unless the selection `asks_for_content`, else at most so many."""
    found = configs_of(selection, report).values()
    return sum(config.templates[selection.task] if selection.task else config.records for config in found)
