"""databricks-dolly-15k-ja: instructions and answers written by Databricks employees, translated into Japanese.

One record of the list in `databricks-dolly-15k-ja.json`:

    {"index": "0", "category": "open_qa", "instruction": "虹はなぜ見えるのですか。", "input": "",
     "output": "太陽の光が雨粒の中で曲がり、色ごとに分かれて見えるためです。"}

The texts are taken as they are, but for white space at their ends; `input` may be empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from builders.corpus import Corpus, Part, RemoteFile, Task, Template
from builders.formats.json_records import filled, read_list, text, to_rows
from builders.licenses import CC_BY_SA_3
from builders.rows import KEY, Rows

COLUMNS = (KEY, "category", "instruction", "input", "output")


def read(part: Part) -> Iterator[Rows]:
    """Reads the list; a key is the record's `index`."""
    for file, path in part.files.items():
        yield from to_rows(read_list(path), file, COLUMNS, _rows)


def _rows(record: Mapping[str, Any]) -> list[dict[str, str]]:
    row = {
        KEY: filled(record, "index"),
        "category": text(record, "category"),
        "instruction": filled(record, "instruction"),
        "input": text(record, "input"),
        "output": filled(record, "output"),
    }
    return [row]


FILE = "databricks-dolly-15k-ja.json"

CORPUS = Corpus(
    name="dolly_ja",
    title="databricks-dolly-15k-ja",
    homepage="https://github.com/kunishou/databricks-dolly-15k-ja",
    license=CC_BY_SA_3,
    attribution="Databricks, Inc. (databricks-dolly-15k); Japanese translation by kunishou",
    citation="""@online{DatabricksBlog2023DollyV2,
  author = {Mike Conover and Matt Hayes and Ankit Mathur and Jianwei Xie and Jun Wan and Sam Shah and Ali Ghodsi
            and Patrick Wendell and Matei Zaharia and Reynold Xin},
  title = {Free Dolly: Introducing the World's First Truly Open Instruction-Tuned {LLM}},
  year = {2023},
  url = {https://www.databricks.com/blog/2023/04/12/dolly-first-open-commercially-viable-instruction-tuned-llm}
}""",
    files=(
        RemoteFile(
            FILE,
            "https://raw.githubusercontent.com/kunishou/databricks-dolly-15k-ja/"
            f"a43a00cb7671d4d70885999bd779ee9f652f197c/{FILE}",
            git_blob="27bf08ddee17287000027d5d807e604df23d3676",
        ),
    ),
    tasks=(Task("dolly-ja", (Template("instruction", "{instruction}", "{input}", "{output}"),), paper_count=15_015),),
    columns={"category": "en", "instruction": "ja", "input": "any", "output": "any"},
    read=read,
    limitations="Machine translation; the wording is often unnatural.",
)
