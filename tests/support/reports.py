"""Reports with something changed: what a test puts in place of a build that it does not make."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from builders.tree.report import ConfigReport, Report


def with_config(report: Report, name: str, **changes: Any) -> Report:
    """The report with some fields of one config replaced; `records=N` gives all N to its first template."""
    return replace(report, configs={**report.configs, name: changed(report.configs[name], **changes)})


def changed(config: ConfigReport, records: int | None = None, **changes: Any) -> ConfigReport:
    """An entry of the report with some fields replaced."""
    if records is not None:
        changes["templates"] = {next(iter(config.templates)): records}
    return replace(config, **changes)


def without(report: Report, *names: str) -> Report:
    """The report of a build in which some configs were not asked for."""
    return replace(report, configs={name: entry for name, entry in report.configs.items() if name not in names})


def only(report: Report, *names: str) -> Report:
    """The report of a build in which these configs were asked for."""
    return without(report, *(name for name in report.configs if name not in names))


def with_statuses(report: Report, name: str, *statuses: str) -> Report:
    """The report with other statuses of the raw files of one config, in their order; a missing one has no content."""
    files = tuple(
        replace(file, status=status, **({"bytes": None, "sha256": None} if status == "missing" else {}))
        for file, status in zip(report.configs[name].files, statuses, strict=True)
    )
    return with_config(report, name, files=files)
