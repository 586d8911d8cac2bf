"""NOTICE: who made the raw data, under which license, and the license texts that must go with every copy."""

from __future__ import annotations

import textwrap

from builders.corpus import Corpus, License
from builders.documents import facts
from builders.tree.report import Report

RULE = "=" * 79
INTRODUCTION = """\
The records of this dataset were made from the corpora below. Each record names its corpus in the column `source`
and its license in the column `license`; the license of the raw data holds for the records made from it.

Changes: texts were cut out of the raw files, cleaned of markup, and turned into records of instruction, input and
output, as the modules in builders/corpora/ say. The makers of the corpora had no part in it and do not endorse it."""


def notice(report: Report) -> str:
    """The text of NOTICE for the corpora that a built dataset holds records of.

    Args:
        report: of the built dataset.
    """
    corpora = facts.corpora(report)
    sections = [f"llm-japanese-dataset {report.version}: NOTICE\n\n{INTRODUCTION}"]
    sections += [_credits(corpus, report) for corpus in corpora]
    sections += [_text(license) for license in _with_text(corpora)]
    return f"\n\n{RULE}\n".join(sections) + "\n"


def _credits(corpus: Corpus, report: Report) -> str:
    configs = [name for name, entry in report.built.items() if entry.corpus == corpus.name]
    license = f"{corpus.license.name} ({corpus.license.id}), {corpus.license.url}"
    if corpus.license.text:
        license += "; its text stands at the end of this file"
    raw = {file.name: file.url for name in configs for file in report.configs[name].files}
    fields = {
        "made by": corpus.attribution,
        "homepage": corpus.homepage,
        "license": license,
        "source": corpus.name,
        "configs": ", ".join(configs),
        "raw files": "\n".join(f"{name}  {url}" for name, url in raw.items()),
    }
    lines = [_field(label, value) for label, value in fields.items()]
    citation = f"\n\n{corpus.citation}" if corpus.citation else ""
    return f"{corpus.title}\n\n" + "\n".join(lines) + citation


def _field(label: str, value: str) -> str:
    return f"{label + ':':<11}" + textwrap.indent(value, " " * 11).lstrip()


def _with_text(corpora: list[Corpus]) -> list[License]:
    """The licenses that ask to go with every copy, each once."""
    return list({corpus.license.id: corpus.license for corpus in corpora if corpus.license.text}.values())


def _text(license: License) -> str:
    return f"{license.name} ({license.id})\n{license.url}\n\n{license.text.strip()}"
