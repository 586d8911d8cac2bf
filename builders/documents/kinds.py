"""The kinds of records and of licenses that the card and its charts speak of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from builders import catalogue, layout
from builders.tree.report import ConfigReport, Report

TRANSLATION, KNOWLEDGE, OTHER = "translation", "knowledge", "other tasks"
TERMS = {
    layout.PERMISSIVE: "permissive",
    layout.SHARE_ALIKE: "share-alike",
    layout.NONCOMMERCIAL: "non-commercial",
}
"""What the card calls the classes of licenses."""


IN_JAPANESE = {TRANSLATION: "英日・日英の翻訳", KNOWLEDGE: "知識", OTHER: "その他の課題"}


def kind(config: str) -> str:
    """What a task config is about."""
    if config.startswith(catalogue.TRANSLATION):
        return TRANSLATION
    return KNOWLEDGE if config.startswith(catalogue.KNOWLEDGE) else OTHER


def terms(config: str) -> str:
    """What the license of a task config asks for."""
    return TERMS[layout.terms(catalogue.TASK_CONFIGS[config][0].license)]


def by_class(content: Report, class_of: Callable[[str], str]) -> dict[str, dict[str, ConfigReport]]:
    """The built task configs by class, the class with the most records first, and `OTHER` last.

    Args:
        content: the report.
        class_of: `kind` or `terms`.
    """
    found: dict[str, dict[str, ConfigReport]] = {}
    for name, task in content.built.items():
        found.setdefault(class_of(name), {})[name] = task
    return dict(sorted(found.items(), key=lambda pair: (pair[0] == OTHER, -records(pair[1]))))


def records(tasks: Mapping[str, ConfigReport]) -> int:
    """Number of records of some task configs."""
    return sum(task.records for task in tasks.values())
