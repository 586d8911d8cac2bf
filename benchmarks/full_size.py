"""Raw files of the size that the paper's dataset was made from, in the corpora's own layouts, with invented content.

Sentences are the pairs of a real `tab_delimited/jpn-eng.zip` where a directory has one, else chains of invented words.
Where more are needed, they come again with a number behind them, so that no two rows are equal. A dump of Wikipedia is
made of the pages of a real one, or of the sample's, with new numbers.
"""

from __future__ import annotations

import bz2
import gzip
import json
import os
import random
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path

from openpyxl import Workbook

from benchmarks.build import ENGLISH, JAPANESE
from builders import download
from builders.formats.archives import zip_member
from samples import dumps
from samples.alt.make import FOLDER as ALT
from samples.aozora.make import COLOPHON, NOTES
from samples.paranatcom.make import FOLDER as PARANATCOM
from samples.paranatcom.make import XML

INVENTED = 100_000
"""Pairs that are made of invented words."""
EASY_JAPANESE = ("ID", "#日本語(原文)", "#やさしい日本語", "#英語(原文)")
"""Head of the workbooks of easy Japanese."""
PAGES_PER_STREAM = 100
LONGEST_PAGE = 26_000
"""Bytes of the longest page that is used. The first pages of a dump, those at hand, are its oldest: they are four times
as long as the rest of them, which have 11 kB in the mean."""

Pair = tuple[str, str]
Write = Callable[[Path, "Texts", int], None]


class Texts:
    """Hands out pairs of an English and a Japanese sentence without end, no two of them equal.

    Args:
        real: directory of raw files; None for invented words.
    """

    def __init__(self, real: Path | None):
        archive = real / "tab_delimited/jpn-eng.zip" if real else None
        self._pairs = _real(archive) if archive and archive.is_file() else _invented()
        self._next = 0

    def pairs(self, count: int) -> Iterator[Pair]:
        """The next pairs."""
        first, self._next = self._next, self._next + count
        for number in range(first, self._next):
            english, japanese = self._pairs[number % len(self._pairs)]
            again = number // len(self._pairs)
            yield (f"{english} {again}", f"{japanese}{again}") if again else (english, japanese)

    def japanese(self, count: int) -> Iterator[str]:
        """The next Japanese sentences."""
        return (japanese for _, japanese in self.pairs(count))

    def paragraphs(self, count: int, sentences: int) -> Iterator[str]:
        """The next paragraphs of Japanese."""
        return map("".join, zip(*[self.japanese(count * sentences)] * sentences, strict=True))


def _real(archive: Path) -> list[Pair]:
    with zip_member(archive, "jpn.txt") as member:
        rows = [line.split("\t") for line in member.read().decode().splitlines()]
    return list(dict.fromkeys((row[0], row[1]) for row in rows))


def _invented() -> list[Pair]:
    draw = random.Random(7)
    pairs = {
        (" ".join(draw.choices(ENGLISH, k=draw.randint(3, 15))) + ".", "".join(draw.choices(JAPANESE, k=draw.randint(6, 30))) + "。")
        for _ in range(INVENTED)
    }  # fmt: skip
    return sorted(pairs)


def _tar_gz(path: Path, member: str, lines: Iterable[str]) -> None:
    raw = path.with_name("raw")
    _text(raw, lines)
    with tarfile.open(path, "w:gz", compresslevel=6) as archive:
        archive.add(raw, member)
    raw.unlink()


def _text(path: Path, lines: Iterable[str]) -> None:
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)


def _gz(path: Path, lines: Iterable[str]) -> None:
    with gzip.open(path, "wt", 6, encoding="utf-8", newline="\n") as file:
        file.writelines(lines)


def _zip(path: Path, members: Iterable[tuple[str, Iterable[str]]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, lines in members:
            with archive.open(name, "w", force_zip64=True) as member:
                member.writelines(line.encode() for line in lines)


def _json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def _json_lines(path: Path, rows: Iterable[object]) -> None:
    _text(path, (json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def jesc(folder: Path, texts: Texts, pairs: int) -> None:
    """English in small letters."""
    lines = (f"{english.lower()}\t{japanese}\n" for english, japanese in texts.pairs(pairs))
    _tar_gz(folder / "raw.tar.gz", "raw/raw", lines)


def tab_delimited(folder: Path, texts: Texts, pairs: int) -> None:
    """With the attribution that names the sentences' numbers."""
    named = "CC-BY 2.0 (France) Attribution: tatoeba.org #{} (a) & #{} (b)"
    rows = enumerate(texts.pairs(pairs))
    lines = (f"{english}\t{japanese}\t{named.format(n, n + 9_000_000)}\n" for n, (english, japanese) in rows)
    _zip(folder / "jpn-eng.zip", [("jpn.txt", lines)])


def tanaka(folder: Path, texts: Texts, pairs: int) -> None:
    """Two lines a pair."""
    rows = enumerate(texts.pairs(pairs))
    _gz(folder / "examples.utf.gz", (f"A: {j}\t{e}#ID={n}_{n + 9_000_000}\nB: {j}\n" for n, (e, j) in rows))


def coursera(folder: Path, texts: Texts, pairs: int) -> None:
    """The Japanese of `train` has spaces between tokens."""
    splits = {"train": list(texts.pairs(pairs - 1_600)), "dev": list(texts.pairs(800)), "test": list(texts.pairs(800))}
    members: list[tuple[str, Iterable[str]]] = []
    for split, rows in splits.items():
        space = " " if split == "train" else ""
        members.append((f"Coursera_En-Ja/{split}.en.txt", (f"{english}\n" for english, _ in rows)))
        members.append((f"Coursera_En-Ja/{split}.ja.txt", (space.join(japanese) + "\n" for _, japanese in rows)))
    _zip(folder / "Coursera_En-Ja.zip", members)


def alt(folder: Path, texts: Texts, pairs: int) -> None:
    """A member for each language."""
    rows = list(texts.pairs(pairs))
    sides = (("data_en.txt", 0), ("data_ja.txt", 1))
    named = [
        (f"{ALT}/{name}", [f"SNT.1.{number}\t{row[side]}\n" for number, row in enumerate(rows)]) for name, side in sides
    ]
    _zip(folder / f"{ALT}.zip", named)


def wordnet(folder: Path, texts: Texts, glosses: int) -> None:
    """Definitions, a third as many examples, and a quarter more words than definitions."""
    definitions = glosses * 3 // 4
    for name, rows in (("def", texts.pairs(definitions)), ("exe", texts.pairs(glosses - definitions))):
        lines = (f"{number:08d}-n\t0\t{english}\t{japanese}\n" for number, (english, japanese) in enumerate(rows))
        _gz(folder / f"wnjpn-{name}.tab.gz", lines)
    words = enumerate(texts.japanese(definitions * 5 // 4))
    _gz(folder / "wnjpn-ok.tab.gz", (f"{n % definitions:08d}-n\t{word[:8]}{n}\thand\n" for n, word in words))


def easy_japanese(folder: Path, texts: Texts, rows: int) -> None:
    """Two workbooks of Excel."""
    for workbook, count in (("T15", rows * 3 // 5), ("T23", rows - rows * 3 // 5)):
        book = Workbook(write_only=True)
        sheet = book.create_sheet("平易化コーパス")
        sheet.append(EASY_JAPANESE)
        for number, (english, japanese) in enumerate(texts.pairs(count)):
            sheet.append((number, japanese, f"易しく言うと、{japanese}", english))
        book.save(folder / f"{workbook}-2020.1.7.xlsx")


def paranatcom(folder: Path, texts: Texts, articles: int) -> None:
    """An article of PubMed and two Japanese versions of each."""
    members: list[tuple[str, Iterable[str]]] = []
    for number in range(articles):
        (title, name), *sentences = texts.pairs(8)
        english, japanese = (" ".join(side) for side in zip(*sentences, strict=True))
        doi = f'<ELocationID EIdType="doi" ValidYN="Y">10.0000/invented-{number}</ELocationID>\n'
        parts = {"title": title, "abstract": f"<AbstractText>{english}</AbstractText>", "doi": doi, "pmid": number}
        members.append((f"{PARANATCOM}/articles/{number}.xml", [XML.format(**parts)]))
        members += (
            (f"{PARANATCOM}/abstracts-ja-{version}/{number}.txt", [f"{name}\n\n{japanese}\n"]) for version in (1, 2)
        )
    _zip(folder / f"{PARANATCOM}.zip", members)


def aio(folder: Path, texts: Texts, questions: int) -> None:
    """A line a question, a twentieth of them in `dev`."""
    rows = [
        {"qid": f"Q{number}", "original_question": question, "original_answer": question[:4], "answers": [question[:4]]}
        for number, question in enumerate(texts.japanese(questions))
    ]
    _json_lines(folder / "aio_02_train.jsonl", rows[questions // 20 :])
    _json_lines(folder / "aio_02_dev_v1.0.jsonl", rows[: questions // 20])


def jcommonsenseqa(folder: Path, texts: Texts, questions: int) -> None:
    """Five choices a question."""
    rows = [
        {"q_id": number, "question": question, "label": number % 5}
        | {f"choice{choice}": f"{question[choice : choice + 3]}{choice}" for choice in range(5)}
        for number, question in enumerate(texts.japanese(questions))
    ]
    _json_lines(folder / "train-v1.1.json", rows[questions // 9 :])
    _json_lines(folder / "valid-v1.1.json", rows[: questions // 9])


def jsquad(folder: Path, texts: Texts, questions: int) -> None:
    """Four questions a paragraph."""
    articles = []
    for number, context in enumerate(texts.paragraphs(questions // 4, 8)):
        qas = [
            {"id": f"a{number}p0q{n}", "question": question, "answers": [{"text": context[n : n + 9], "answer_start": n}]}
            for n, question in enumerate(texts.japanese(4))
        ]  # fmt: skip
        paragraph = {"qas": qas, "context": f"題{number} [SEP] {context}"}
        articles.append({"title": f"題{number}", "paragraphs": [paragraph]})
    _json(folder / "train-v1.1.json", {"data": articles[len(articles) // 15 :]})
    _json(folder / "valid-v1.1.json", {"data": articles[: len(articles) // 15]})


def jmrd(folder: Path, texts: Texts, films: int) -> None:
    """A dialogue about each film."""
    dialogues = [
        {
            "dialog_id": f"{number:05d}",
            "movie_title": f"映画{number}",
            "knowledge": {"製作年度": "２０１８年", "監督名": name[:6], "キャスト名": [name[:5]], "あらすじ": [name]},
        }
        for number, name in enumerate(texts.japanese(films))
    ]
    for file, part in (("train", dialogues[:-20]), ("valid", dialogues[-20:-10]), ("test", dialogues[-10:])):
        _json(folder / f"{file}.json", part)


def alpaca_ja(folder: Path, texts: Texts, rows: int) -> None:
    """One list."""
    pairs = zip(texts.japanese(rows), texts.paragraphs(rows, 4), strict=True)
    listed = [{"instruction": question, "input": "", "output": answer} for question, answer in pairs]
    _json(folder / "japanese_alpaca_data.json", listed)


def dolly_ja(folder: Path, texts: Texts, rows: int) -> None:
    """One list."""
    listed = [
        {"index": str(number), "category": "open_qa", "instruction": question, "input": context, "output": answer}
        for number, (question, context, answer) in enumerate(
            zip(texts.japanese(rows), texts.paragraphs(rows, 6), texts.paragraphs(rows, 6), strict=True)
        )
    ]
    _json(folder / "databricks-dolly-15k-ja.json", listed)


def aozora(folder: Path, texts: Texts, works: int) -> None:
    """Works of some 20 kB, with notes on their notation and a colophon."""
    members = (
        (
            f"AozoraTxt/person_utf8/{number // 40:06d}/{number}_ruby_{number}.txt",
            [f"{line}\r\n" for line in (f"作品{number}", f"作者{number // 40}", "", *NOTES, *body, *COLOPHON)],
        )
        for number in range(works)
        for body in [[f"　{paragraph}" for paragraph in texts.paragraphs(40, 8)]]
    )
    _zip(folder / "AozoraTxt_UTF8.zip", members)


def wikinews(folder: Path, texts: Texts, articles: int) -> None:
    """A dump in one stream."""
    pages = [
        dumps.Page(f"記事{number}", f"【2019年9月8日】\n{body}\n== 情報源 ==\n* [http://news.example/ 例]\n")
        for number, body in enumerate(texts.paragraphs(articles, 12))
    ]
    dump = dumps.plain(pages, dumps.header("ウィキニュース", "jawikinews"))
    (folder / "jawikinews-20230401-pages-articles.xml.bz2").write_bytes(bz2.compress(dump))


ROWS: dict[str, tuple[Write, int]] = {
    "jesc": (jesc, 2_698_102),
    "wordnet": (wordnet, 183_968),
    "tanaka": (tanaka, 149_013),
    "tab_delimited": (tab_delimited, 101_199),
    "easy_japanese": (easy_japanese, 84_300),
    "jsquad": (jsquad, 67_492),
    "coursera": (coursera, 53_166),
    "alpaca_ja": (alpaca_ja, 52_002),
    "aio": (aio, 23_335),
    "alt": (alt, 19_908),
    "aozora": (aozora, 16_879),
    "dolly_ja": (dolly_ja, 15_015),
    "jcommonsenseqa": (jcommonsenseqa, 10_058),
    "wikinews": (wikinews, 4_265),
    "paranatcom": (paranatcom, 430),
    "jmrd": (jmrd, 260),
}
"""By corpus: who writes its files, and how many rows give the number of records that the paper counts."""
ARTICLES = 1_347_381
"""Articles of Wikipedia in the paper."""


def make_sources(sources: Path, share: float, real: Path | None = None) -> None:
    """Writes the raw files of all corpora of the paper but Wikipedia.

    Args:
        sources: an empty directory.
        share: of the paper's rows.
        real: directory of raw files to take sentences from.
    """
    texts = Texts(real)
    for corpus, (write, rows) in ROWS.items():
        (sources / corpus).mkdir()
        write(sources / corpus, texts, max(round(rows * share), 30 if corpus != "coursera" else 2_000))
    (sources / download.SAMPLE).touch()


def make_dump(sources: Path, articles: int, dump: Path) -> None:
    """Writes a multistream dump with its index: the pages of another over and over, each time with new numbers.

    Args:
        sources: an empty directory.
        articles: number of articles; other pages are as frequent as in `dump`.
        dump: a multistream dump, small enough for memory.
    """
    head, pages = pages_of(dump)
    pages = [page for page in pages if len(page) <= LONGEST_PAGE]
    pages *= -(-PAGES_PER_STREAM // len(pages))
    count = round(articles * len(pages) / sum(map(_is_article, pages)))
    folder = sources / "wikipedia"
    folder.mkdir()
    lines: list[str] = []
    with (folder / dump.name).open("wb") as file, ThreadPool(os.cpu_count()) as pool:
        file.write(bz2.compress(head))
        firsts = range(1, count + 1, PAGES_PER_STREAM)
        for first, stream in zip(firsts, pool.imap(partial(_stream, pages), firsts), strict=True):
            lines += [f"{file.tell()}:{number}:-\n" for number in range(first, first + PAGES_PER_STREAM)]
            file.write(stream)
        file.write(bz2.compress(dumps.END))
    index = folder / dump.name.replace(".xml.bz2", "-index.txt.bz2")
    index.write_bytes(bz2.compress("".join(lines).encode()))
    (sources / download.SAMPLE).touch()


def pages_of(dump: Path) -> tuple[bytes, list[bytes]]:
    """What a dump begins with, and the elements of its pages."""
    text = bz2.decompress(dump.read_bytes())
    return text[: text.index(b"  <page>")], re.findall(rb"  <page>.*?</page>\n", text, re.DOTALL)


def _stream(pages: list[bytes], first: int) -> bytes:
    """A stream of pages, the first of which has the number `first`."""
    numbers = range(first, first + PAGES_PER_STREAM)
    return bz2.compress(b"".join(numbered(pages[number % len(pages)], number) for number in numbers))


def numbered(page: bytes, number: int) -> bytes:
    """A page's element with another id, and the number behind its title."""
    title, _, rest = page.partition(b"</title>")
    return b"%s %d</title>%s" % (title, number, re.sub(rb"<id>\d+</id>", b"<id>%d</id>" % number, rest, count=1))


def _is_article(page: bytes) -> bool:
    return b"<ns>0</ns>" in page and b"<redirect" not in page
