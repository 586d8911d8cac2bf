"""What a version changed, as lines of the changelog: made from a comparison with the version before."""

from __future__ import annotations

from builders.diff.causes import Cause
from builders.diff.compare import Changes, ConfigChanges
from builders.documents.markdown import plain


def lines(changes: Changes) -> list[str]:
    """The lines, in Markdown.

    Args:
        changes: from the version before to this one.
    """
    found = [f"{_cause(cause)}." for cause in changes.settings]
    found += [f"`{config.name}`: {_config(config)}" for config in changes.different]
    return found or [f"No record differs from version {changes.old.report.version}."]


def counts(config: ConfigChanges) -> str:
    """How many records differ, in words: `2 added, 1 changed (output 1)`."""
    numbers = {"added": config.added, "removed": config.removed, "changed": config.changed}
    words = ", ".join(f"{number:,} {what}" for what, number in numbers.items() if number)
    columns = ", ".join(f"{name} {number:,}" for name, number in config.columns.items())
    moved = f"; {config.moved:,} of them stood under another id before" if config.moved else ""
    return f"{words}{f' ({columns})' if columns else ''}{moved}"


def _config(config: ConfigChanges) -> str:
    return ". ".join([counts(config), *map(_cause, config.causes)]) + "."


def _cause(cause: Cause) -> str:
    name = f" `{cause.name}`" if cause.name else ""
    return f"{cause.kind.capitalize()}{name} {plain(cause.what)}{cause.counted}"
