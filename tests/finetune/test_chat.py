"""A line is a question, its answer a line; piped questions need no terminal."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys

import pytest

from finetune import chat
from finetune.generate import Answer, Question
from tests.finetune.adapters import QUESTION as ASKED
from tests.finetune.adapters import ROOT, TUNED_ANSWER

NOTHING = Answer("", stopped=True)


@pytest.fixture
def pipe(monkeypatch):
    def pipe(content: bytes, encoding: str = "utf-8") -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding=encoding))

    return pipe


def test_every_piped_line_is_answered_up_to_quit(adapter_dir, pipe, capsys):
    pipe(f"{ASKED}\n\n  {ASKED}  \n/quit\n{ASKED}\n".encode())
    assert chat.main([str(adapter_dir), "--max-new-tokens", "24"]) == 0
    assert capsys.readouterr().out.splitlines() == [TUNED_ANSWER] * 2


def test_what_stands_behind_a_tab_is_the_input(adapter_dir, pipe, capsys, monkeypatch):
    asked = []
    monkeypatch.setattr(chat, "generate", lambda model, prompt, questions, **_: asked.extend(questions) or [NOTHING])
    pipe("訳して。\tI like\tcats.\n 訳して。 \t \n".encode())
    assert chat.main([str(adapter_dir)]) == 0
    assert asked == [Question("訳して。", "I like\tcats."), Question("訳して。")]
    with pytest.raises(SystemExit):
        chat.main(["--help"])
    assert "behind a tab" in " ".join(capsys.readouterr().out.split())


def test_an_answer_does_not_control_the_terminal(adapter_dir, pipe, capsys, monkeypatch):
    monkeypatch.setattr(chat, "generate", lambda *_, **__: [Answer("one\ttwo\n\x1b[2J\rthree\x9b2J", stopped=True)])
    pipe(ASKED.encode())
    assert chat.main([str(adapter_dir)]) == 0
    assert capsys.readouterr().out == "one\ttwo\n\\x1b[2J\\x0dthree\\x9b2J\n"


def test_last_line_without_a_line_break(adapter_dir, pipe, capsys):
    pipe(ASKED.encode())
    assert chat.main([str(adapter_dir), "--max-new-tokens", "24"]) == 0
    assert capsys.readouterr().out == TUNED_ANSWER + "\n"


def test_what_is_piped_is_utf_8_whatever_the_terminal_shows(adapter_dir, pipe, capsys):
    pipe(ASKED.encode(), encoding="ascii")
    assert chat.main([str(adapter_dir), "--max-new-tokens", "24"]) == 0, capsys.readouterr().err
    assert capsys.readouterr().out == TUNED_ANSWER + "\n"


def test_bytes_that_are_not_utf_8(adapter_dir, pipe, capsys):
    pipe(b"\xff\n")
    assert chat.main([str(adapter_dir)]) == 1
    message = capsys.readouterr().err
    assert "error: a question cannot be read: " in message and "Next step: send text in UTF-8." in message


def test_a_terminal_gets_a_mark_and_a_hint(adapter_dir):
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "finetune.chat", str(adapter_dir), "--max-new-tokens", "24"]
    with subprocess.Popen(command, cwd=ROOT, stdin=terminal, stdout=subprocess.PIPE, text=True) as process:
        os.write(controller, f"{ASKED}\n/quit\n".encode())
        shown, _ = process.communicate(timeout=120)
    os.close(controller)
    os.close(terminal)
    assert process.returncode == 0
    assert shown == f"One question a line, its input behind a tab; /quit ends it.\n> {TUNED_ANSWER}\n> "


def test_wrong_arguments(tmp_path, capsys):
    for wrong, message in (("--temperature", "-1.0 is below 0"), ("--max-new-tokens", "-1 is below 1")):
        with pytest.raises(SystemExit):
            chat.main([str(tmp_path), wrong, "-1"])
        assert f"{wrong} {message}" in capsys.readouterr().err
