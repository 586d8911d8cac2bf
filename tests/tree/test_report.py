"""A report says what a build wrote, or it is refused: what somebody else wrote leads nobody out of the directory."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.serving import BaseWSGIServer
from werkzeug.test import Client

from builders.__main__ import main
from builders.errors import BuildError
from builders.tree import report
from tests.support.permissions import unprivileged
from tests.support.reports import with_config

CONFIG = "easy-ja"


@pytest.fixture
def built(clean_dataset: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(clean_dataset, tmp_path / "built"))


def refusal(directory: Path) -> BuildError:
    with pytest.raises(BuildError) as error:
        report.load(directory)
    assert error.value.next_step
    return error.value


@pytest.mark.parametrize("name", ["/home/me", "..", ".", "", "a/b", "a\\b", "../neighbour", ".git", "a\nb", "a\0"])
def test_a_config_whose_name_is_no_name_of_a_directory(built, name):
    content = report.load(built)
    report.dump(replace(content, configs={**content.configs, name: content.configs[CONFIG]}), built)
    assert refusal(built).problem == (
        f'{built}/report.json names the config "{name}", which is no plain name.'
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/etc/passwd", "../README.md", "", ".", "jsquad/../../x", "README.md\0"])
@pytest.mark.parametrize("of", ["document", "shard", "rejected rows", "marks", "chat"])
def test_a_file_that_is_elsewhere(built, path, of):
    content = report.load(built)
    elsewhere = replace(content.configs[CONFIG].shards[0], path=path)
    clean = content.clean.configs[CONFIG]
    report.dump(
        {
            "document": replace(content, documents={"NOTICE": elsewhere}),
            "shard": with_config(content, CONFIG, shards=(elsewhere,)),
            "rejected rows": with_config(content, CONFIG, rejected_rows=elsewhere),
            "marks": replace(
                content, clean=replace(content.clean, configs={CONFIG: replace(clean, marks=(elsewhere,))})
            ),
            "chat": replace(content, chat=(elsewhere,)),
        }[of],
        built,
    )
    assert refusal(built).problem == (
        f'{built}/report.json names the file "{path}", which is not in the output directory.'
    )  # fmt: skip


def test_a_file_with_an_unknown_number_of_rows(built):
    content = report.load(built)
    shard = content.configs[CONFIG].shards[0]
    report.dump(with_config(content, CONFIG, shards=(replace(shard, rows=None),)), built)
    assert refusal(built).problem == f"{built}/report.json does not say how many rows {shard.path} has."


def test_a_curated_edition_of_a_config_that_is_not_there(built):
    content = report.load(built)
    configs = {**content.clean.configs, "jsquads": content.clean.configs["jsquad"]}
    report.dump(replace(content, clean=replace(content.clean, configs=configs)), built)
    assert refusal(built).problem == (
        f'{built}/report.json has a curated edition of the config "jsquads", which it does not hold.'
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is damaged, or no report of a built dataset: Input data was truncated."),
        ('{"configs": ', "is damaged, or no report of a built dataset: Input data was truncated."),
        ("[]", "is damaged, or no report of a built dataset: Expected `object`, got `array`."),
        ('{"format": 4, "configs": [1]}', "is damaged, or no report of a built dataset: Expected `object`, got"),
        ('{"tests": 12, "passed": 12}', "has format 1; this version of builders reads format 4."),
        ('{"format": 5}', "has format 5; this version of builders reads format 4."),
    ],
)
def test_damaged_foreign_and_other_reports(built, text, problem):
    (built / "report.json").write_text(text)
    assert refusal(built).problem.startswith(f"{built}/report.json {problem}")


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_not_opened(tmp_path, make):
    make(tmp_path / "report.json")
    assert refusal(tmp_path).problem == f"{tmp_path} holds no report.json, so it is no built dataset."


@pytest.mark.parametrize("closed", ["report.json", "."])
def test_a_report_that_may_not_be_read(closed):
    with unprivileged() as directory:
        report.dump(report.Report(), directory)
        (directory / closed).chmod(0)
        assert refusal(directory).problem == f"{directory}/report.json cannot be read: Permission denied."


Steps = tuple[str | int, ...]


def leaves(value: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Where each value of a JSON document stands, and what it is."""
    if not isinstance(value, dict | list):
        yield steps, value
        return
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield from leaves(inner, (*steps, step))


def put(value: Any, steps: Steps, new: Any) -> Any:
    """The document with another value at a place."""
    if not steps:
        return new
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[steps[0]] = put(value[steps[0]], steps[1:], new)
    return changed


def names(value: Any) -> set[str]:
    """The names of all members of a JSON document's objects."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set(value if isinstance(value, dict) else ()).union(*map(names, inner))


def renamed(value: Any, old: str, new: str) -> Any:
    """The document with another name for all members of a name: a config has an entry in several places."""
    if isinstance(value, dict):
        return {new if name == old else name: renamed(inner, old, new) for name, inner in value.items()}
    return [renamed(inner, old, new) for inner in value] if isinstance(value, list) else value


TEXTS = st.one_of(
    st.sampled_from(["", "..", "MIT", "jsquad", "a-corpus-that-left", "README.md", "x" * 300, "0" * 64, "\x1b[2J"]),
    st.text(max_size=9),
)
NUMBERS = st.one_of(st.sampled_from([0, 1, -1, 2**63 - 1]), st.integers(-(2**40), 2**40))


def others(value: Any) -> st.SearchStrategy[Any]:
    """Values of the same type."""
    if isinstance(value, bool):
        return st.booleans()
    if isinstance(value, str):
        return TEXTS
    return st.floats(allow_nan=False, allow_infinity=False) if isinstance(value, float) else NUMBERS | st.none()


def look_around(server: BaseWSGIServer) -> None:
    """What stands in the place of serving: the pages that need nothing but the dataset, once each."""
    for page in ("/", "/records", "/rejected", "/curated"):
        Client(server.app).get(page)


RECORD, REJECTED = "tab_delimited:ja-en:line-8", "T15-2"
COMMANDS = (
    ("verify", "{built}"),
    ("stats", "{built}"),
    ("stats", "{built}", "--audit"),
    ("show", "all", "--built", "{built}"),
    ("explain", RECORD, "--built", "{built}"),
    ("explain", REJECTED, "--built", "{built}"),
    ("export", "{built}", "all", "--format", "messages", "--exclude-evaluation", "--out", "{built}.jsonl"),
    ("diff", "{original}", "{built}"),
    ("browse", "{built}", "--port", "0"),
)


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_values_give_findings_or_a_named_error(built, clean_dataset, monkeypatch, capsys, data):
    """Values of the right types and names that no build wrote: whatever reads them says what is wrong, or does its work."""
    monkeypatch.setattr(BaseWSGIServer, "serve_forever", look_around)
    content = json.loads((clean_dataset / "report.json").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        if data.draw(st.integers(0, 2)):
            steps, value = data.draw(st.sampled_from(list(leaves(content))))
            content = put(content, steps, data.draw(others(value)))
        else:
            all_of_them, configs = names(content), content.get("configs")
            old = data.draw(st.sampled_from(sorted(all_of_them)) | st.sampled_from(sorted(configs or all_of_them)))
            content = renamed(content, old, data.draw(TEXTS))
    command = data.draw(st.sampled_from(COMMANDS))
    (built / "report.json").write_text(json.dumps(content))
    assert main([part.format(built=built, original=clean_dataset) for part in command]) in (0, 1)
    said = capsys.readouterr()
    assert ("Error: " in said.err) == ("Next step: " in said.err)
    assert "\x1b" not in said.out + said.err
