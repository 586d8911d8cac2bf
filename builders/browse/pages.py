"""The pages: for each address, what a template shows."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from builders import catalogue
from builders.browse import charts, rejected, texts
from builders.browse.raw import RawRows
from builders.browse.records import PAGE, Found, Records
from builders.browse.selection import DROPPED, KEPT, Selection, configs_of, count_of, number, parse, shards_of
from builders.errors import BuildError
from builders.tree.lengths import COUNTED
from builders.tree.report import ConfigReport, Report

if TYPE_CHECKING:
    from builders.build.plan import Obtain

TEMPLATES = Path(__file__).with_name("templates")
Arguments = Mapping[str, str]


class NotThere(BuildError):
    """An address names a thing that this dataset does not have."""


@dataclass(frozen=True)
class Space:
    """What a static Space shows: a published dataset, which the reader's browser fetches from the Hub.

    Args:
        repository: `ORG/NAME` of the dataset repository.
        revision: branch, tag or commit of it.
        endpoint: address of the Hub.
    """

    repository: str
    revision: str
    endpoint: str

    @property
    def page(self) -> str:
        """Address of the dataset's page."""
        return f"{self.endpoint}/datasets/{self.repository}"

    @property
    def files(self) -> str:
        """What the address of every file of the dataset begins with."""
        return f"{self.page}/resolve/{self.revision}/"


class Pages:
    """The pages of one built dataset.

    Args:
        directory: the output directory, as an absolute path.
        report: its report, with configs that the catalogue knows.
        obtain: the way to the raw files; None where none are given.
        space: for the pages of a Space; None for those of a server.
    """

    def __init__(self, directory: Path, report: Report, obtain: Obtain | None = None, space: Space | None = None):
        self._directory, self._report = directory, report
        self._records = Records(directory, report)
        self._raw = RawRows(obtain) if obtain else None
        self._counts = lru_cache(256)(self._records.counts)
        self._rules = lru_cache(1)(self._records.rules)
        self._templates = _environment(directory, report, self._records.has_marks, space)

    def overview(self, arguments: Arguments) -> str:
        """What the dataset holds, in numbers."""
        built = self._report.built
        return self._show(
            "overview.html",
            charts={
                "license": charts.stack(_sums(built, lambda config: config.license), _link("license")),
                "source": charts.bars(_sums(built, lambda config: config.corpus), _link("source")),
            },
            lengths={column: charts.histogram(built.values(), column, Selection()) for column in COUNTED},
            configs=built,
            largest=max((config.records for config in built.values()), default=0),
            groups={
                name: sum(built[task].records for task in tasks if task in built)
                for name, tasks in catalogue.GROUPS.items()
            },
        )

    def records(self, arguments: Arguments) -> str:
        """Records of a selection, from a place on."""
        selection, start = parse(arguments, self._report), number(arguments, "from") or 0
        found = self._records.page(selection, start, PAGE + 1)
        configs = configs_of(selection, self._report)
        following = found[PAGE].number if len(found) > PAGE else None
        whole = not start and following is None  # then a search has seen all, and need not count it once more
        return self._show(
            "records.html",
            selection=selection,
            start=start,
            found=found[:PAGE],
            following=following,
            counted=whole or not selection.asks_for_content,
            most=len(found) if whole else count_of(selection, self._report),
            corpora=[catalogue.CORPORA[name] for name in dict.fromkeys(config.corpus for config in configs.values())],
            lengths={column: charts.histogram(configs.values(), column, selection) for column in COUNTED},
            choices=self._choices(),
        )

    def somewhere(self, arguments: Arguments) -> str:
        """The address of the same records, from a place drawn at random."""
        selection = parse(arguments, self._report)
        rows = sum(shard.rows for shard in shards_of(selection, self._report))
        return selection.address("/records", **{"from": random.randrange(max(rows - PAGE, 1))})

    def count(self, arguments: Arguments) -> str:
        """How many records a selection has, by config; reads all files that can hold some."""
        selection = parse(arguments, self._report)
        counts = self._counts(selection)
        bars = charts.bars(counts, lambda config: replace(selection, config=config).address())
        return self._show("count.html", bars=bars, total=sum(counts.values()), fragment="fragment" in arguments)

    def record(self, arguments: Arguments) -> str:
        """One record, all that is known of it, and the others that are made from its raw row.

        Raises:
            NotThere: no record has the id.
        """
        found = self._named(arguments)
        marks = self._records.marks_of(found)
        return self._show(
            "record.html",
            record=found,
            corpus=catalogue.CORPORA.get(found.values["source"]),
            marks={name: value for name, value in marks.items() if value not in ("", None)},
            repairs=orjson.loads(marks.get("repairs") or "[]"),
            siblings=self._records.siblings(found),
            raw_rows=self._raw is not None,
            number=self._number(found),
        )

    def raw(self, arguments: Arguments) -> str:
        """The raw row of a record.

        Raises:
            BuildError: it cannot be had; says why.
        """
        found = self._named(arguments)
        if self._raw is None:
            raise NotThere("No raw files are given.", "Start `browse` with --sources DIR, or --sample.")
        source, task, key = found.values["id"].split(":", 2)
        row = self._raw.find(source, task, key)
        return self._show("raw.html", record=found, row=row, fragment="fragment" in arguments)

    def rejected(self, arguments: Arguments) -> str:
        """Numbers of rejected rows by config and reason; or the rows of one config.

        Raises:
            NotThere: there is no such config.
        """
        name = arguments.get("config", "")
        if not name:
            return self._show("reasons.html", reasons=dict(self._reasons()))
        config = self._report.configs.get(name)
        if config is None:
            raise NotThere(f'There is no task config "{name}" in this dataset.', "See the list of those that are.")
        start, reason = number(arguments, "from") or 0, arguments.get("reason", "")
        rows = rejected.page(self._directory, config, reason, start)
        known = config.rejected.get(reason, 0) if reason else config.rejected_rows.rows or 0
        return self._show(
            "rejected.html",
            config=name,
            reason=reason,
            rows=rows,
            start=start,
            total=known,
            page=rejected.PAGE,
            bars=charts.bars(config.rejected, partial(rejected_address, name)),
        )

    def curated(self, arguments: Arguments) -> str:
        """The rules of the curated edition, and how many records each hit and dropped.

        Raises:
            NotThere: the dataset has no marks.
        """
        rules = self._rules()
        if not self._records.has_marks:
            raise NotThere("This dataset has no marks of a curated edition.", "See its records without them.")
        hit = charts.bars({rule.rule: rule.hit for rule in rules}, _link("rule"))
        dropped = {rule.rule: rule.dropped for rule in rules}
        return self._show("curated.html", bars=hit, dropped=dropped)

    def records_of_space(self) -> str:
        """A page without records, which the browser fills."""
        return self._show("space_records.html", selection=Selection(), choices=self._choices(), columns=COUNTED)

    def record_of_space(self) -> str:
        """A page without a record, which the browser fills."""
        return self._show("space_record.html")

    @property
    def has_marks(self) -> bool:
        """Whether there is a curated edition to show."""
        return self._records.has_marks

    def problem(self, problem: str, next_step: str, fragment: bool) -> str:
        """What is wrong, and what to do."""
        return self._show("problem.html", problem=problem, next_step=next_step, fragment=fragment)

    def _show(self, template: str, **values: object) -> str:
        return self._templates.get_template(template).render(values)

    def _named(self, arguments: Arguments) -> Found:
        name = arguments.get("id", "")
        found = self._records.named(name)
        if found is None:
            raise NotThere(f'No record has the id "{name[:200]}".', "Search for a part of its text.")
        return found

    def _number(self, found: Found) -> int:
        """Number of a record among those of its config, where the list with it begins."""
        shards = shards_of(Selection(config=found.config), self._report)
        return next(shard.start for shard in shards if shard.path == found.path) + found.row

    def _reasons(self) -> Iterator[tuple[str, list[charts.Bar]]]:
        for name, config in self._report.configs.items():
            if config.rejected:
                yield name, charts.bars(config.rejected, partial(rejected_address, name))

    def _choices(self) -> dict[str, list[str]]:
        """What the form of the records' page offers."""
        built = self._report.built
        choices = {
            "config": [name for name, tasks in catalogue.CONFIGS.items() if any(task in built for task in tasks)],
            "source": sorted({config.corpus for config in built.values()}),
            "task": sorted({task for config in built.values() for task, count in config.templates.items() if count}),
            "license": sorted({config.license for config in built.values()}),
        }
        if self._records.has_marks:
            choices |= {"rule": [rule.rule for rule in self._rules()], "edition": [KEPT, DROPPED]}
        return choices


def rejected_address(config: str, reason: str = "", start: int | None = None) -> str:
    """The address of rejected rows."""
    return Selection(config=config).address("/rejected", reason=reason, **{"from": start})


def _environment(directory: Path, report: Report, has_marks: bool, space: Space | None) -> Environment:
    """Templates in which everything is escaped, and a name that is not there is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"marked": texts.marked, "cut": texts.cut, "language": texts.language}
    environment.filters["thousands"] = lambda value: f"{value:,}"
    environment.globals |= {
        "dataset": space.repository if space else directory.name,
        "space": space,
        "report": report,
        "has_marks": has_marks,
        "total": sum(config.records for config in report.built.values()),
        "sample": any(config.sample for config in report.built.values()),
        "width": charts.WIDTH,
        "select": Selection,
        "rejected_address": rejected_address,
        "fragment": False,
    }
    return environment


def _sums(built: Mapping[str, ConfigReport], name_of: Callable[[ConfigReport], str]) -> dict[str, int]:
    sums = Counter[str]()
    for config in built.values():
        sums[name_of(config)] += config.records
    return dict(sums.most_common())


def _link(field: str) -> Callable[[str], str]:
    return lambda value: Selection().address(**{field: value})
