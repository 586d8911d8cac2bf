"""A person's rules: what a YAML file may say, and what is told of one that may not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from builders.clean import settings
from builders.clean.rules import RULES
from builders.errors import BuildError


def load(tmp_path, text):
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return settings.load(path)


def test_every_rule_is_in_the_order_once():
    names = [rule.name for rule in settings.ORDER]

    assert len(set(names)) == len(names)
    assert {rule.name for rule in RULES} <= set(names)
    assert all(rule.reason.endswith(".") for rule in settings.ORDER)


def test_the_yaml_that_is_printed_says_the_defaults(tmp_path):
    assert load(tmp_path, settings.to_yaml(settings.defaults())) == settings.defaults()


def test_the_yaml_of_changed_rules_says_them(tmp_path):
    changed = load(tmp_path, "markup: false\npair-score: {least_score: 0.2}\nstub: {enabled: false}\n")

    assert set(settings.defaults().thresholds) - set(changed.thresholds) == {"markup", "stub"}
    assert changed.thresholds["pair-score"]["least_score"] == 0.2
    assert load(tmp_path, settings.to_yaml(changed)) == changed


def test_an_empty_file_changes_nothing(tmp_path):
    assert load(tmp_path, "# nothing\n") == settings.defaults()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "pair-scores: true",
            'FILE: there is no rule "pair-scores".\nNext step: Did you mean "pair-score"? '
            "`python -m builders clean --show-rules` shows them all.",
        ),
        (
            "pair-score: {least_score: 2}",
            'FILE: "least_score" of "pair-score" is 2.\nNext step: Give a number from 0 to 1; 0.1 is the default.',
        ),
        (
            "pair-score: {least_score: high}",
            'FILE: "least_score" of "pair-score" is \'high\'.\n'
            "Next step: Give a number from 0 to 1; 0.1 is the default.",
        ),
        (
            "pair-score: {least: 0.1}",
            'FILE: "pair-score" has no threshold "least".\nNext step: It has: least_score, least_score_if_short, short; see --show-rules.',
        ),
        (
            "markup: {characters: 3}",
            'FILE: "markup" has no threshold "characters".\nNext step: It has: none; see --show-rules.',
        ),
        (
            "markup: 3",
            'FILE: "markup" is 3.\nNext step: Write true, false, or its thresholds; see --show-rules.',
        ),
        (
            "markup: {enabled: 3}",
            'FILE: "enabled" of "markup" is 3.\nNext step: Write true or false.',
        ),
        (
            "- markup",
            "FILE is no list of rules by name.\nNext step: Write it as `python -m builders clean --show-rules`.",
        ),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path, text, message):
    with pytest.raises(BuildError) as error:
        load(tmp_path, text)

    assert str(error.value).replace(str(tmp_path / "rules.yaml"), "FILE") == message


@pytest.mark.parametrize(
    "text",
    [
        "markup: [",
        "[" * 100_000,
        "markup: 2001-99-99",
        "markup: !!bool maybe",
        "markup: !!timestamp today",
        "markup: !!int ''",
        f"markup: {'9' * 5_000}",
        "? [markup]\n: true",
    ],
    ids=["cut", "deep", "month", "bool", "time", "empty", "long", "key"],
)
def test_a_file_that_is_no_yaml(tmp_path, text):
    with pytest.raises(BuildError, match=r"rules\.yaml cannot be read: "):
        load(tmp_path, text)


def test_a_value_that_doubles_with_every_line_is_told_in_short(tmp_path):
    lines = "\n".join(f"- &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]" for n in range(12))
    with pytest.raises(BuildError) as error:
        load(tmp_path, f"markup:\n{lines}")
    assert len(str(error.value)) < 1_000


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_not_opened(tmp_path, make):
    make(tmp_path / "rules.yaml")
    with pytest.raises(BuildError, match="not a file"):
        settings.load(tmp_path / "rules.yaml")
