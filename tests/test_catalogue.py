"""The paper's tasks, the groups, and a hint for whoever mistypes one."""

from __future__ import annotations

import pytest

from builders import catalogue
from builders.errors import BuildError

PAPER = {"translation": 6_581_044, "knowledge": 1_587_877, "all": 8_393_726}


def test_the_papers_twenty_tasks():
    assert sorted(catalogue.GROUPS["all"]) == sorted(
        [f"translation-{name}" for name in "coursera paranatcom tab-delimited alt tanaka jesc wordnet easy-ja".split()]
        + [f"knowledge-{name}" for name in "wikipedia wordnet aio jmrd jcommonsenseqa aozora".split()]
        + "papers wikinews jsquad easy-ja alpaca-ja dolly-ja".split()
    )


@pytest.mark.parametrize("group, total", PAPER.items())
def test_the_papers_totals(group, total):
    assert catalogue.paper_count(group) == total


def test_groups_are_unions_of_task_configs():
    groups = {name: set(members) for name, members in catalogue.GROUPS.items()}
    assert groups["extended"] == set(catalogue.TASK_CONFIGS) >= groups["all"]
    assert groups["vanilla"] == groups["all"] - groups["translation"]
    assert groups["knowledge"] < groups["vanilla"]
    assert groups["permissive"] < groups["commercial"] < groups["all"]


def test_groups_by_license():
    def licenses(group: str) -> set[str]:
        return {catalogue.TASK_CONFIGS[name][0].license.id for name in catalogue.GROUPS[group]}

    assert {license for license in licenses("all") if "-NC" in license}
    assert not {license for license in licenses("commercial") if "-NC" in license}
    assert not {license for license in licenses("permissive") if "-NC" in license or "-SA" in license}


def test_task_configs_come_once_and_in_order():
    everything = catalogue.task_configs_of(["jsquad", "translation", "extended"])
    assert everything == list(catalogue.TASK_CONFIGS)


@pytest.mark.parametrize(
    "name, hint",
    [
        ("translation-cursera", 'Did you mean "translation-coursera"? `python -m builders list` shows them all.'),
        ("JSQuAD", 'Did you mean "jsquad"? `python -m builders list` shows them all.'),
        ("jesc", 'Did you mean "translation-jesc"? `python -m builders list` shows them all.'),
        ("easy_ja", 'Did you mean "easy-ja"? `python -m builders list` shows them all.'),
        ("zzz", "`python -m builders list` shows them all."),
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
