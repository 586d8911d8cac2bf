"""Links: `[[inside]]` and `[https://outside label]` give their label; files and categories vanish with theirs."""

from __future__ import annotations

import re

MAX_DEPTH = 10
"""Links nested deeper vanish: no page has them, and each level costs a copy of what it holds."""

_BRACKETS = re.compile(r"(\[\[|\]\])")
_FILE_OR_CATEGORY = re.compile(
    r"\s*(?:file|image|media|ファイル|画像|メディア|category|カテゴリ|template|テンプレート|モジュール)\s*[:：]",
    re.IGNORECASE,
)
_OTHER_LANGUAGE = re.compile(r"\s*(?:[a-z]{2,3}(?:-[a-z]{2,12}){0,2}|simple)\s*:", re.IGNORECASE)
_PROJECTS = re.compile(
    r"(?:(?:w|wikipedia|wikt|wiktionary|s|wikisource|b|wikibooks|q|wikiquote|n|wikinews|v|wikiversity|voy|wikivoyage"
    r"|m|meta|c|commons|d|wikidata|species|[a-z]{2,3})\s*:)*",
    re.IGNORECASE,
)
# address and label in one group: two would be divided in as many ways as there are characters where no bracket follows
_EXTERNAL = re.compile(r"\[(?:(?:https?|ftp|news|irc|mailto|gopher):|//)([^\[\]\n]*)\]", re.IGNORECASE)
_ADDRESS = re.compile(r"\S*[ \t]*")
_EXTERNAL_LEFT = re.compile(r"\[(?:https?|ftp)://[^\s\[\]]*[ \t]*", re.IGNORECASE)
_UNCLOSED = re.compile(r"[^|\n（）。、]*\|")
_OTHER_VERSION = re.compile(r"\w{1,20}語版")
_DISAMBIGUATION = re.compile(r"[(（][^()（）]*[)）]$")


def resolve_links(text: str) -> str:
    """Replaces links by what a reader sees of them; brackets of links that do not match vanish."""
    if "[[" in text or "]]" in text:
        text = _resolve_inside(text)
    if "[" in text:
        text = _EXTERNAL.sub(lambda link: _ADDRESS.sub("", link[1], count=1), text)
        text = _EXTERNAL_LEFT.sub("", text)
    return text


def _resolve_inside(text: str) -> str:
    """One pass with a stack: each level collects its pieces until its bracket closes."""
    levels: list[list[str]] = [[]]
    for piece in _BRACKETS.split(text):
        if piece == "[[":
            levels.append([])
        elif piece != "]]":
            levels[-1].append(piece)
        elif len(levels) > 1:
            link = "".join(levels.pop())
            levels[-1].append(_label(link) if len(levels) <= MAX_DEPTH else "")
    outside, *unclosed = ("".join(level) for level in levels)
    return outside + "".join(map(_unclosed, unclosed))


def _unclosed(text: str) -> str:
    """What follows a bracket that is never closed: a file's first line vanishes, of another link the target."""
    if _FILE_OR_CATEGORY.match(text):
        return text[text.find("\n") :] if "\n" in text else ""
    target = _UNCLOSED.match(text)
    return text[target.end() :] if target else text


def _label(link: str) -> str:
    """What is seen of a link, from the text between its brackets."""
    target, pipe, label = link.replace("&#124;", "|").partition("|")
    if ":" in target or "：" in target:
        return _label_with_prefix(target.strip(), label if pipe and label.strip() else None)
    if pipe and label.strip():
        return label
    if "\n" in target:  # no link at all
        return target
    if pipe:  # [[Title (kind)|]] shows the title alone
        target = _DISAMBIGUATION.sub("", target.strip())
    return target.strip().removeprefix("#")


def _label_with_prefix(target: str, label: str | None) -> str:
    """What is seen of a link whose target may name a namespace, a project or a language."""
    to_read = target.startswith(":")  # [[:fr:Titre]] stands in the text, [[fr:Titre]] at the side of the page
    if _FILE_OR_CATEGORY.match(target):
        return ""
    if label is not None:
        # [[:en:Title|英語版]] points out an article to the editors, and says nothing of the matter
        return "" if to_read and _OTHER_VERSION.fullmatch(label.strip()) else label
    target = target.removeprefix(":")
    if _FILE_OR_CATEGORY.match(target) or (not to_read and _OTHER_LANGUAGE.match(target)):
        return ""
    return _PROJECTS.sub("", target, count=1).strip().removeprefix("#")
