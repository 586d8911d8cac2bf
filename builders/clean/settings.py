"""Which rules are applied, in which order, and with which thresholds: the defaults, and a person's YAML over them.

pair-score: {least_score: 0.2}    # a threshold of one's own
markup: false                     # a rule that is switched off
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from reprlib import Repr
from typing import Any

import yaml

from builders import catalogue
from builders.clean.rules import RULES, Kind, Rule, contradictions
from builders.errors import BuildError
from builders.files import why_no_file
from builders.tree.report import RuleReport

ITEM = Rule("benchmark-item", "The record is an item of a benchmark.", Kind.DROP, ("*",))
OVERLAP = Rule("benchmark-overlap", "The record holds an item of a benchmark.", Kind.DROP, ("*",))
CONTRADICTORY = Rule(contradictions.NAME, contradictions.REASON, Kind.DROP, contradictions.CONFIGS)
EXACT = Rule("exact-duplicate", "Another record says the same, word for word.", Kind.DROP, ("*",))
NEAR = Rule(
    "near-duplicate", "Another record says the same but for a letter, width, marks or some words.", Kind.DROP, ("*",)
)

ORDER: tuple[Rule, ...] = (
    *(rule for rule in RULES if rule.kind is Kind.REPAIR),
    ITEM,
    OVERLAP,
    *(rule for rule in RULES if rule.kind is not Kind.REPAIR),
    CONTRADICTORY,
    EXACT,
    NEAR,
)
"""All rules in the order in which they are applied. The last three look at what the others leave, so that a record is
dropped only for one that stays."""
BIT = {rule.name: 1 << number for number, rule in enumerate(ORDER)}
"""A rule's bit in the number that says which rules hit a record."""
DROPS = sum(BIT[rule.name] for rule in ORDER if rule.kind is Kind.DROP)
REPAIRS = sum(BIT[rule.name] for rule in ORDER if rule.kind is Kind.REPAIR)
ENABLED = "enabled"
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
"""Raised by the YAML library for the 99th of a month, a yes or no that is neither, deep nesting."""
_SHORT = Repr()
_SHORT.maxlevel = 2  # with an alias of the line before in each of them, a few lines stand for more than any memory


@dataclass(frozen=True)
class Settings:
    """The rules that are applied.

    Args:
        thresholds: of each rule that is switched on, by the rule's name, in the order of `ORDER`.
    """

    thresholds: Mapping[str, Mapping[str, float]]

    def is_on(self, rule: Rule, config: str) -> bool:
        """Whether a rule is switched on and looks at a task config."""
        return rule.name in self.thresholds and rule.applies_to(config)

    def report(self) -> dict[str, RuleReport]:
        """The rules as the report names them."""
        return {
            rule.name: RuleReport(
                rule.reason, rule.kind.value, rule.name in self.thresholds, dict(self.thresholds.get(rule.name, {}))
            )
            for rule in ORDER
        }


def defaults() -> Settings:
    """All rules, with the thresholds that they come with."""
    return Settings({rule.name: rule.defaults() for rule in ORDER})


def load(path: Path) -> Settings:
    """Reads a person's YAML; what it does not name stays as it is by default.

    Raises:
        BuildError: it is no such file; an unknown rule or threshold; a threshold that is no number or out of range.
    """
    content = _content(path)
    content = {} if content is None else content
    if not isinstance(content, dict):
        raise BuildError(f"{path} is no list of rules by name.", "Write it as `python -m builders clean --show-rules`.")
    rules = {rule.name: rule for rule in ORDER}
    for name in content:
        if name not in rules:
            raise BuildError(f'{path}: there is no rule "{name}".', _suggestion(str(name), [*rules]))
    chosen = {rule.name: _thresholds(path, rule, content.get(rule.name)) for rule in ORDER}
    return Settings({name: values for name, values in chosen.items() if values is not None})


def _content(path: Path) -> Any:
    reason = why_no_file(path)
    try:
        if not reason:
            return yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError, *UNREADABLE) as error:
        reason = f"{type(error).__name__}, {error}"
    raise BuildError(f"{path} cannot be read: {reason}.", "Give a YAML file of rules; see --show-rules.")


def _suggestion(name: str, known: list[str]) -> str:
    nearest = catalogue.suggestion(name, known).partition(" `python")[0]
    listed = "`python -m builders clean --show-rules` shows them all."
    return f"{nearest} {listed}" if nearest.startswith("Did") else listed


def _thresholds(path: Path, rule: Rule, given: Any) -> dict[str, float] | None:
    """The thresholds of one rule; None where it is switched off."""
    if given is None or isinstance(given, bool):
        return None if given is False else rule.defaults()
    if not isinstance(given, dict):
        raise BuildError(
            f'{path}: "{rule.name}" is {_SHORT.repr(given)}.', "Write true, false, or its thresholds; see --show-rules."
        )
    values = rule.defaults()
    for name, value in given.items():
        if name != ENABLED:
            values[name] = _threshold(path, rule, str(name), value)
        elif not isinstance(value, bool):
            raise BuildError(f'{path}: "enabled" of "{rule.name}" is {_SHORT.repr(value)}.', "Write true or false.")
    return values if given.get(ENABLED, True) else None


def _threshold(path: Path, rule: Rule, name: str, value: Any) -> float:
    if name not in rule.thresholds:
        has = ", ".join(rule.thresholds) or "none"
        raise BuildError(f'{path}: "{rule.name}" has no threshold "{name}".', f"It has: {has}; see --show-rules.")
    known = rule.thresholds[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not known.low <= value <= known.high:
        raise BuildError(
            f'{path}: "{name}" of "{rule.name}" is {_SHORT.repr(value)}.',
            f"Give a number from {known.low:g} to {known.high:g}; {known.default:g} is the default.",
        )
    return value


def to_yaml(settings: Settings) -> str:
    """The rules as a YAML file that `load` reads, each with its reason as a comment."""
    return "\n".join(line for rule in ORDER for line in _lines(rule, settings)) + "\n"


def _lines(rule: Rule, settings: Settings) -> Iterator[str]:
    values = settings.thresholds.get(rule.name)
    yield f"# {rule.kind.value}, in {', '.join(rule.configs)}: {rule.reason}"
    yield f"{rule.name}:"
    yield f"  {ENABLED}: {'false' if values is None else 'true'}"
    for name, threshold in rule.thresholds.items():
        value = (values or rule.defaults())[name]
        yield f"  {name}: {value:g}  # {threshold.low:g} to {threshold.high:g}"
