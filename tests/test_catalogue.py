"""Twenty task configs, four groups, and a hint for whoever mistypes one."""

from __future__ import annotations

import pytest

from builders import catalogue
from builders.errors import BuildError

PAPER = {"translation": 6_581_044, "knowledge": 1_587_877, "all": 8_393_726}


def test_the_twenty_task_configs():
    assert sorted(catalogue.TASK_CONFIGS) == sorted(
        [f"translation-{name}" for name in "coursera paranatcom tab-delimited alt tanaka jesc wordnet easy-ja".split()]
        + [f"knowledge-{name}" for name in "wikipedia wordnet aio jmrd jcommonsenseqa aozora".split()]
        + "papers wikinews jsquad easy-ja alpaca-ja dolly-ja".split()
    )


@pytest.mark.parametrize("group, total", PAPER.items())
def test_the_papers_totals(group, total):
    assert sum(catalogue.TASK_CONFIGS[task_config][1].paper_count for task_config in catalogue.GROUPS[group]) == total


def test_groups_are_unions_of_task_configs():
    groups = catalogue.GROUPS
    assert groups["all"] == tuple(catalogue.TASK_CONFIGS)
    assert set(groups["vanilla"]) == set(groups["all"]) - set(groups["translation"])
    assert set(groups["knowledge"]) < set(groups["vanilla"])


def test_leaves_come_once_and_in_order():
    everything = catalogue.task_configs_of(["jsquad", "translation", "all"])
    assert everything == list(catalogue.TASK_CONFIGS)


@pytest.mark.parametrize(
    "name, hint",
    [
        ("translation-cursera", 'Did you mean "translation-coursera"? `python -m builders list` shows all 24.'),
        ("easy_ja", 'Did you mean "easy-ja"? `python -m builders list` shows all 24.'),
        ("zzz", "`python -m builders list` shows all 24."),
    ],
)
def test_a_mistyped_config_gets_the_nearest_name(name, hint):
    with pytest.raises(BuildError) as error:
        catalogue.task_configs_of([name])
    assert str(error.value) == f'There is no config "{name}".\nNext step: {hint}'


def test_a_mistyped_corpus_gets_the_nearest_name():
    with pytest.raises(BuildError) as error:
        catalogue.corpus_named("wikpedia")
    assert str(error.value).startswith('There is no corpus "wikpedia".\nNext step: Did you mean "wikipedia"?')
