"""NOTICE: who made the raw data, under which licence, and the licence texts that must go with every copy."""

from __future__ import annotations

import textwrap

from builders import catalogue
from builders.corpus import Corpus, Licence

RULE = "=" * 79
INTRODUCTION = """\
The records of this dataset were made from the corpora below. Each record names its corpus in the column `source`
and its licence in the column `license`; the licence of the raw data holds for the records made from it.

Changes: texts were cut out of the raw files, cleaned of markup, and turned into records of instruction, input and
output, as the modules in builders/corpora/ say. The makers of the corpora had no part in it and do not endorse it."""


def notice(report: dict) -> str:
    """The text of NOTICE for the corpora that a built tree holds records of.

    Args:
        report: as `builders.report` documents it.
    """
    used = dict.fromkeys(entry["corpus"] for entry in report["leaves"].values() if entry["shards"])
    corpora = [catalogue.CORPORA[name] for name in sorted(used)]
    sections = [f"llm-japanese-dataset {report['version']}: NOTICE\n\n{INTRODUCTION}"]
    sections += [_credits(corpus, report) for corpus in corpora]
    sections += [_text(licence) for licence in _with_text(corpora)]
    return f"\n\n{RULE}\n".join(sections) + "\n"


def _credits(corpus: Corpus, report: dict) -> str:
    configs = [name for name, entry in report["leaves"].items() if entry["corpus"] == corpus.name and entry["shards"]]
    licence = f"{corpus.licence.name} ({corpus.licence.id}), {corpus.licence.url}"
    if corpus.licence.text:
        licence += "; its text stands at the end of this file"
    raw = {file["name"]: file["url"] for name in configs for file in report["leaves"][name]["files"]}
    fields = {
        "made by": corpus.attribution,
        "homepage": corpus.homepage,
        "licence": licence,
        "source": corpus.name,
        "configs": ", ".join(configs),
        "raw files": "\n".join(f"{name}  {url}" for name, url in raw.items()),
    }
    lines = [_field(label, value) for label, value in fields.items()]
    citation = f"\n\n{corpus.citation}" if corpus.citation else ""
    return f"{corpus.title}\n\n" + "\n".join(lines) + citation


def _field(label: str, value: str) -> str:
    return f"{label + ':':<11}" + textwrap.indent(value, " " * 11).lstrip()


def _with_text(corpora: list[Corpus]) -> list[Licence]:
    """The licences that ask to go with every copy, each once."""
    return list({corpus.licence.id: corpus.licence for corpus in corpora if corpus.licence.text}.values())


def _text(licence: Licence) -> str:
    return f"{licence.name} ({licence.id})\n{licence.url}\n\n{licence.text.strip()}"
