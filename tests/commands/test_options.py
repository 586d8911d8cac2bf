"""The options that several commands have."""

from __future__ import annotations

import pytest

from builders.__main__ import main

TAKE_A_DIRECTORY = (
    "build --sample --out",
    "build --sample --shards 1/2 --out",
    "build --out built --sources",
    "merge part --out",
    "merge --out built",
    "clean",
    "clean built --out",
    "explain an:id:1 --built",
    "show jsquad --built",
    "verify",
    "stats",
    "stats built --charts",
    "stats built --benchmark exam.jsonl --leaks",
    "stats built --tokenizer",
    "publish --repo an-org/a-dataset",
    "space built --repo an-org/a-dataset --out",
    "space --repo an-org/a-dataset --out space",
    "browse",
)


@pytest.mark.parametrize("text", ["", " "])
@pytest.mark.parametrize("command", TAKE_A_DIRECTORY)
def test_an_empty_name_is_not_the_working_directory(command, text, tmp_path, monkeypatch, capsys):
    """A shell makes one of a variable that is not set."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main([*command.split(), text])
    assert stop.value.code == 2
    assert "is empty; name a directory" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())
