"""Records that look wrong, found by rules over a built dataset: how many of each kind, and three to look at.

A finding is a reason to read, not a proof: a subtitle in Japanese has spaces by custom, a text about programs has markup.
Records are read as a stream; what is kept of a config is 16 bytes per record, to find questions asked twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from builders import catalogue
from builders.corpus import Corpus, columns_of
from builders.schema import TEXTS
from builders.tree import reader
from builders.tree.hashes import Hashes, hash_records
from builders.tree.report import ConfigReport, Report

EXAMPLES = 3
"""Records shown of each finding."""
PROMPT = ("instruction", "input")

_JAPANESE = r"\x{3000}-\x{30FF}\x{3400}-\x{9FFF}\x{F900}-\x{FAFF}\x{FF00}-\x{FFEF}"
BLANK_BESIDE_JAPANESE = rf"[ \x{{A0}}][{_JAPANESE}]|[{_JAPANESE}][ \x{{A0}}]"
MARKUP = r"\[\[|\]\]|\{\{|\}\}|'''|\{\||</?[A-Za-z][^<>\n]{0,200}>|&(?:[a-z]{2,8}|#[0-9]{2,6});|［＃|／＼|／″＼"
"""Of wikitext, HTML and Aozora Bunko's notation."""
OPENING, CLOSING = "(（「『【[〔〈《", ")）」』】]〕〉》"
ANY_BRACKET = f"[{re.escape(OPENING + CLOSING)}]"
KANA_OR_KANJI = r"[\x{3041}-\x{30FF}\x{3400}-\x{9FFF}\x{F900}-\x{FAFF}]"
LATIN = r"[A-Za-z]"


@dataclass(frozen=True)
class Example:
    """A record of a finding: its id, and its texts."""

    id: str
    instruction: str
    input: str
    output: str


@dataclass(frozen=True)
class Finding:
    """What a check found in a config.

    Args:
        records: number of records.
        examples: the first of them, in the dataset's order; at most `EXAMPLES`.
    """

    records: int = 0
    examples: tuple[Example, ...] = ()


Mask = np.ndarray[Any, np.dtype[np.bool_]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]
Check = Callable[[pa.RecordBatch, Mapping[str, str]], pa.Array]
"""Boolean mask over a batch; also gets the language that outputs are expected in, by template, where there is one."""


def audit(directory: Path, report: Report, progress: Callable[[int], None]) -> dict[str, dict[str, Finding]]:
    """Checks all records of a built dataset.

    Args:
        directory: the output directory.
        report: its report, with configs that the catalogue knows.
        progress: called with the number of records of each batch.

    Returns:
        By task config, by check (`CHECKS`, then `REPEATED` and `CONTRADICTORY`); a check without a finding is in it
        with 0 records.

    Raises:
        BuildError: a file of the dataset cannot be read.
    """
    return {name: _audit_config(directory, config, name, progress) for name, config in report.built.items()}


def _audit_config(
    directory: Path, config: ConfigReport, name: str, progress: Callable[[int], None]
) -> dict[str, Finding]:
    corpus, _ = catalogue.TASK_CONFIGS[name]
    languages = output_languages(corpus)
    counts, examples = dict.fromkeys(CHECKS, 0), {check: list[Example]() for check in CHECKS}
    prompts, answers = [], []
    for batch in reader.batches(directory, config, ("id", "task", *TEXTS)):
        for check, mask_of in CHECKS.items():
            mask = pc.fill_null(mask_of(batch, languages), False)
            found = pc.sum(mask, min_count=0).as_py()
            counts[check] += found
            if found and len(examples[check]) < EXAMPLES:
                rows = batch.take(pc.indices_nonzero(mask)[: EXAMPLES - len(examples[check])])
                examples[check] += _examples(rows)
        prompts.append(hash_records(batch, PROMPT))
        answers.append(hash_records(batch, ("output",)))
        progress(batch.num_rows)
    findings = {check: Finding(counts[check], tuple(examples[check])) for check in CHECKS}
    masks = asked_again(np.concatenate(prompts), np.concatenate(answers))
    return findings | {check: _shown(directory, config, mask) for check, mask in masks.items()}


def output_languages(corpus: Corpus) -> dict[str, str]:
    """Language of the output (`ja`, `en`) by template, where all columns in it are of one; others are left out."""
    languages = {}
    for task in corpus.tasks:
        for template in task.templates:
            kinds = {corpus.columns[name].split(" ")[0] for name in columns_of(template.output)}
            if len(kinds) == 1 and kinds < {"ja", "en"}:
                languages[template.name] = kinds.pop()
    return languages


def blank_beside_japanese(batch: pa.RecordBatch, languages: Mapping[str, str]) -> pa.Array:
    """A space beside a kana, a kanji or a Japanese punctuation mark, in the input or the output."""
    return _any_text(batch, ("input", "output"), BLANK_BESIDE_JAPANESE)


def markup_left(batch: pa.RecordBatch, languages: Mapping[str, str]) -> pa.Array:
    """Markup, in any text."""
    return _any_text(batch, TEXTS, MARKUP)


def unbalanced_brackets(batch: pa.RecordBatch, languages: Mapping[str, str]) -> pa.Array:
    """A bracket without its other half, in the input or the output."""
    unbalanced = np.zeros(batch.num_rows, bool)
    for name in ("input", "output"):
        column = _plain(batch.column(name))
        rows = pc.indices_nonzero(_matches(column, ANY_BRACKET))  # few texts have one, and counting takes long
        texts = column.take(rows)
        for opening, closing in zip(OPENING, CLOSING, strict=True):
            counts = (pc.count_substring(texts, bracket) for bracket in (opening, closing))
            unbalanced[np.asarray(rows.filter(pc.not_equal(*counts)))] = True
    return pa.array(unbalanced)


def input_is_output(batch: pa.RecordBatch, languages: Mapping[str, str]) -> pa.Array:
    """The answer is the text that was given."""
    return pc.equal(_plain(batch.column("input")), _plain(batch.column("output")))


def other_language(batch: pa.RecordBatch, languages: Mapping[str, str]) -> pa.Array:
    """An output without a letter of the language that its template asks for; or with kana and kanji in an English one."""
    output, task = _plain(batch.column("output")), _plain(batch.column("task"))
    japanese = pc.match_substring_regex(output, KANA_OR_KANJI)
    wrong = {"ja": pc.invert(japanese), "en": pc.or_(japanese, pc.invert(pc.match_substring_regex(output, LATIN)))}
    masks = [pa.array(np.zeros(batch.num_rows, bool))]
    for language, mask in wrong.items():
        expected = pa.array([name for name, wanted in languages.items() if wanted == language], pa.string())
        masks.append(pc.and_(pc.is_in(task, expected), mask))
    return _or(masks)


CHECKS: Mapping[str, Check] = {
    "blank beside Japanese": blank_beside_japanese,
    "markup left": markup_left,
    "unbalanced brackets": unbalanced_brackets,
    "input = output": input_is_output,
    "other language": other_language,
}
"""Checks of single records, by name."""
CONTRADICTORY, REPEATED = "same prompt, other answer", "exact duplicate"
"""Checks over a config: records whose instruction and input are asked with another answer too; records that are equal to
an earlier one."""


def asked_again(prompts: Hashes, answers: Hashes) -> dict[str, Mask]:
    """Masks of the contradictory and of the repeated records.

    Args:
        prompts, answers: fingerprints of each record's instruction and input together, and of its output.
    """
    order = np.lexsort((answers, prompts))  # stable: of equal records, the earlier one comes first
    prompts, answers = prompts[order], answers[order]
    same_prompt = prompts[1:] == prompts[:-1]
    same_answer = same_prompt & (answers[1:] == answers[:-1])
    repeated, contradictory = np.zeros(len(order), bool), np.zeros(len(order), bool)
    repeated[order[1:]] = same_answer
    starts = np.flatnonzero(np.concatenate([[True], ~same_prompt])) if len(order) else np.zeros(0, int)
    differs = np.concatenate([[False], same_prompt & ~same_answer]) if len(order) else np.zeros(0, bool)
    if len(starts):
        sizes = np.diff(np.append(starts, len(order)))
        contradictory[order] = np.repeat(np.add.reduceat(differs, starts) > 0, sizes)
    return {CONTRADICTORY: contradictory, REPEATED: repeated}


def _shown(directory: Path, config: ConfigReport, mask: Mask) -> Finding:
    wanted = np.flatnonzero(mask)
    return Finding(len(wanted), tuple(_examples_at(directory, config, wanted[:EXAMPLES])))


def _examples_at(directory: Path, config: ConfigReport, numbers: Numbers) -> Iterator[Example]:
    """The records of those numbers; reading ends with the last of them."""
    first = 0
    for batch in reader.batches(directory, config, ("id", *TEXTS)) if len(numbers) else ():
        here = numbers[(numbers >= first) & (numbers < first + batch.num_rows)] - first
        yield from _examples(batch.take(pa.array(here)))
        first += batch.num_rows
        if first > numbers[-1]:
            return


def _examples(rows: pa.RecordBatch) -> list[Example]:
    return [Example(**{name: row[name] for name in ("id", *TEXTS)}) for row in rows.to_pylist()]


def _any_text(batch: pa.RecordBatch, names: Sequence[str], pattern: str) -> pa.Array:
    return _or([_matches(batch.column(name), pattern) for name in names])


def _matches(column: pa.Array, pattern: str) -> pa.Array:
    """Mask of the cells that a pattern matches; of a dictionary, each text is looked at once."""
    if isinstance(column, pa.DictionaryArray):
        return pc.match_substring_regex(column.dictionary, pattern).take(column.indices)
    return pc.match_substring_regex(column, pattern)


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if isinstance(column, pa.DictionaryArray) else column


def _or(masks: Sequence[pa.Array]) -> pa.Array:
    together = masks[0]
    for mask in masks[1:]:
        together = pc.or_(together, mask)
    return together
