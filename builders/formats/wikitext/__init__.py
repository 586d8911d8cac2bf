"""Wikitext as a reader sees it: plain text, one paragraph a line.

The grammar is MediaWiki's (https://www.mediawiki.org/wiki/Help:Formatting, https://www.mediawiki.org/wiki/Help:Links),
the templates are those of the Japanese projects. No template is fetched: those that carry text in a running sentence
are known by name (`words`) and give it, all others vanish.

Every step takes time and memory linear in the text, whatever the text is: pairs are matched by stacks, no pattern can
backtrack over more than a line. Nothing here raises an error: a page whose brackets do not match is cleaned as far as
it can be understood.
"""

from __future__ import annotations

from builders.formats.wikitext.brackets import without_empty_brackets
from builders.formats.wikitext.entities import resolve_blanks, resolve_entities, without_invisible
from builders.formats.wikitext.hidden import without_hidden
from builders.formats.wikitext.links import resolve_links
from builders.formats.wikitext.markup import without_markup, without_stray_marks
from builders.formats.wikitext.paragraphs import join_paragraphs
from builders.formats.wikitext.tables import without_tables
from builders.formats.wikitext.templates import expand_templates

__all__ = ["plain_text"]


def plain_text(source: str, title: str = "") -> str:
    """Cleans wikitext.

    What a page shows on purpose, by `<nowiki>` or entities (`&#91;&#91;`), stays as it is shown.

    Args:
        source: wikitext, its XML escapes already undone.
        title: of the page; what `{{PAGENAME}}` says.

    Returns:
        Paragraphs joined by a newline, without blank lines; "" where nothing is left.
    """
    text = without_hidden(source.replace("\r\n", "\n").replace("\r", "\n") if "\r" in source else source)
    text = expand_templates(text, title)
    text = without_tables(text)
    text = resolve_links(without_invisible(text))  # by now most of the source is gone
    text = without_markup(text)
    text = join_paragraphs(text)
    text = without_stray_marks(resolve_blanks(text))
    text = without_stray_marks(without_empty_brackets(text))
    return resolve_entities(text).strip()
