"""A real Markdown parser finds in the table what was put in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from builders.documents.markdown import plain, table

# what a parser keeps as it is: no control characters, no white space at the ends of lines
WORDS = st.text(st.characters(exclude_categories=("C", "Z")), max_size=30)
MARKS = st.text("\\`*_[]|~$#!<>&{}()-+.:=1a ", max_size=30)
TEXTS = st.lists((WORDS | MARKS).map(str.strip), max_size=3).map("\n".join).map(str.strip)


@given(st.lists(TEXTS, min_size=3, max_size=3))
def test_texts_show_as_they_are(texts):
    assert _cells(table(["a", ">b", "c"], [[plain(text) for text in texts]]))[3:] == texts


def test_control_characters_are_shown():
    assert plain("Red \x1b[31malert\x9b\x00.\tA\nB") == r"Red \\x1b\[31malert\\x9b\\x00." + "\tA<br>B"


def test_a_long_text_is_cut_and_says_so():
    assert plain("あ" * 1_300, 300) == "あ" * 300 + " … *(1,000 more characters)*"
    assert plain("あ" * 300, 300) == "あ" * 300


def test_numbers_are_aligned_to_the_right():
    assert table(["name", ">count"], [("a", "1")]) == "| name | count |\n| --- | ---: |\n| a | 1 |"


def _cells(markdown: str) -> list[str]:
    cells = [token for token in MarkdownIt("commonmark").enable("table").parse(markdown) if token.type == "inline"]
    return ["".join("\n" if part.type == "html_inline" else part.content for part in cell.children) for cell in cells]
