"""What the documents that machines and authorities read have in common, in words: all from the catalogue's tables and
the counts of the build, so that no two of them say different things.
"""

from __future__ import annotations

import re
from typing import Any

from builders import catalogue, layout
from builders.corpus import Corpus, License
from builders.documents import kinds
from builders.documents.changes import date_of
from builders.tree import evaluation
from builders.tree.report import OutputFile, Report

_DATED = re.compile(r"-(\d{4})(\d{2})(\d{2})-")
"""The date in the name of a dump."""
INTENDED_USE = "Tuning language models to follow instructions in Japanese, and research on such tuning."
PROCESSING = (
    "Texts are cut out of the raw files and cleaned of markup by the modules in builders/corpora/.",
    "Rows without a usable text are left out, each with its place and reason, in rejected/ and report.json.",
    "Named corrections of single rows are in builders/build/patches.toml; report.json says what became of each.",
    "Templates with fixed instruction texts turn each row into records of instruction, input and output.",
)


def corpora(report: Report) -> list[Corpus]:
    """The corpora that records were made from, by name."""
    return [catalogue.CORPORA[name] for name in sorted({entry.corpus for entry in report.built.values()})]


def licenses(report: Report) -> list[License]:
    """Their licenses, each once, by identifier."""
    return [license for _, license in sorted({corpus.license.id: corpus.license for corpus in corpora(report)}.items())]


def limitations(report: Report) -> list[str]:
    """What somebody who trains on the records must know, a sentence or two for each corpus that has something."""
    return [f"{corpus.title}: {corpus.limitations}" for corpus in corpora(report) if corpus.limitations]


def evaluation_items(report: Report) -> list[str]:
    """The evaluation sets inside, with how the ids of their records begin."""
    return [
        f"{', '.join(catalogue.CORPORA[task.corpus].evaluation.values())}: ids that begin with {', '.join(beginnings)}"
        for task in report.built.values()
        if (beginnings := evaluation.id_beginnings(catalogue.CORPORA[task.corpus], task.templates))
    ]


def biases(report: Report) -> list[str]:
    """How the records are spread over kinds and sources."""
    total = max(kinds.records(report.built), 1)
    shares = [
        f"{kinds.records(tasks) / total:.1%} {kind}" for kind, tasks in kinds.by_class(report, kinds.kind).items()
    ]
    largest = max(report.built.items(), key=lambda pair: pair[1].records, default=None)
    lines = [f"The records are {', '.join(shares)}."]
    if largest:
        lines.append(f"The largest config, {largest[0]}, has {largest[1].records / total:.1%} of them.")
    return [*lines, "Most tasks have one fixed instruction text."]


def conversations(report: Report) -> list[OutputFile]:
    """The files that the config `chat` loads: those of the paper's tasks."""
    return [file for file in report.chat if layout.is_papers(file.path)]


def dates(report: Report) -> list[str]:
    """ISO 8601 dates: of the dumps among the raw files, and of the version."""
    names = (file.name for task in report.built.values() for file in task.files)
    found = {"-".join(match.groups()) for name in names if (match := _DATED.search(name))}
    return sorted({*found, date_of(report.version)})


def repeated(report: Report) -> int:
    """Number of records that are equal to one before them in their config."""
    return sum(task.repeated for task in report.built.values())


def rejected(report: Report) -> int:
    """Number of rows and records that were left out."""
    return sum(sum(task.rejected.values()) for task in report.built.values())


def responsible_ai(report: Report) -> dict[str, Any]:
    """The twenty fields of Croissant's vocabulary for responsible AI, by their names."""
    missing = report.raw_files("missing")
    return {
        "dataCollection": "Public corpora, downloaded as their makers publish them and compared with pinned checksums "
        "where there are any. Nothing was collected from people for this dataset.",
        "dataCollectionType": ["Secondary Data Analysis", "Existing datasets"],
        "dataCollectionMissingData": f"{rejected(report):,} rows and records were left out, with their reasons in "
        f"report.json. Raw files that were missing: {', '.join(missing) or 'none'}.",
        "dataCollectionRawData": "The raw files are in this document's distribution, with addresses and checksums: "
        + "; ".join(f"{corpus.title} ({corpus.homepage})" for corpus in corpora(report)),
        "dataCollectionTimeFrame": dates(report),
        "dataImputationProtocol": "No value is filled in; a row without a usable text is left out.",
        "dataPreprocessingProtocol": list(PROCESSING),
        "dataManipulationProtocol": " ".join(PROCESSING[2:]),
        "dataAnnotationProtocol": ["No annotation was made for this dataset; annotations are those of the corpora."],
        "dataAnnotationPlatform": ["None for this dataset; see the homepages of the corpora."],
        "dataAnnotationAnalysis": ["None for this dataset; see the homepages of the corpora."],
        "annotationsPerItem": "None made for this dataset.",
        "annotatorDemographics": ["Not known for the corpora; nobody annotated for this dataset."],
        "machineAnnotationTools": ["None"],
        "dataBiases": biases(report),
        "dataUseCases": [INTENDED_USE, *(f"Not for evaluation with {line}" for line in evaluation_items(report))],
        "dataLimitations": [
            *limitations(report),
            f"{repeated(report):,} records are equal to one before them in their config.",
        ],
        "dataSocialImpact": "Models learn the views, the errors and the wording of the corpora. Each record names its "
        "source, so that a source can be left out.",
        "personalSensitiveInformation": [
            "Encyclopedia articles, news, books and questions name public and historical persons. Texts were not "
            "searched for personal data; no such data was collected for this dataset."
        ],
        "dataReleaseMaintenancePlan": "A version is published once and keeps its tag. A change gets a new version, with "
        "an entry in the changelog; the same raw files and version give the same bytes.",
    }
