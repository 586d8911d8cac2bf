"""Forms of headings are looked for in work that does not explode with the length of a line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from builders.formats.aozora.headings import BARE_NUMBER

ROOT = Path(__file__).resolve().parents[3]
FIRST = """
import resource, sys
from builders.formats.aozora.headings import Line, first_of_text
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
for unit in ("1", "1巻", "一、", "第一", "上", "上下", "-", "／", "1の", "人：", "・", "（", "中　"):
    for end in ("x", "。", ""):
        first_of_text([Line((unit * 50_000)[:size] + end) for size in (26, 119, 120, 50_000)] * 20, [])
print("done")
"""


@pytest.mark.parametrize("text", ["一", "（二）", "第三章", "その四", "第一幕　第一場", "1・2", "上の巻"])
def test_a_number_and_nothing_else(text):
    assert BARE_NUMBER.fullmatch(text)


@pytest.mark.parametrize("text", ["一人の男", "三日目の朝", "二、あゝ", "第一印象"])
def test_a_number_with_more_behind_it(text):
    assert not BARE_NUMBER.fullmatch(text)


@pytest.mark.slow
def test_lines_of_digits_end():
    """The operating system ends the process after 20 seconds of its processor; a tenth of one is enough."""
    done = subprocess.run([sys.executable, "-c", FIRST], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "done\n", done.stderr
