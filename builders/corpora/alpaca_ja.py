"""Japanese Alpaca: Stanford's 52,002 machine-written instructions and answers, translated into Japanese by machine.

One record of the list in `japanese_alpaca_data.json`:

    {"instruction": "次の二つの数を足してください。", "input": "12、30", "output": "12と30の和は42です。"}

The texts are taken as they are, but for white space at their ends; `input` may be empty. The records carry no id: a key is the number of the record.

License: the repository is under Apache-2.0, but its texts are translations of Stanford Alpaca's data, which may be
used under CC BY-NC 4.0 only (https://github.com/tatsu-lab/stanford_alpaca#data-release); a translation cannot be freer
than its original. The records say CC-BY-NC-4.0, so that whoever needs a commercial use can leave them out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from builders.corpus import Corpus, Part, RemoteFile, Task, Template
from builders.formats.json_records import Placed, filled, read_list, text, to_rows
from builders.licenses import CC_BY_NC_4
from builders.rows import KEY, Rows

COLUMNS = (KEY, "instruction", "input", "output")


def read(part: Part) -> Iterator[Rows]:
    """Reads the list; a key is the record's number, from 1."""
    for file, path in part.files.items():
        yield from to_rows(_numbered(read_list(path)), file, COLUMNS, _rows)


def _numbered(placed: Iterator[Placed]) -> Iterator[Placed]:
    for number, (place, record) in enumerate(placed, 1):
        yield place, {**record, KEY: number} if isinstance(record, dict) else record


def _rows(record: Mapping[str, Any]) -> list[dict[str, str]]:
    row = {
        KEY: text(record, KEY),
        "instruction": filled(record, "instruction"),
        "input": text(record, "input"),
        "output": filled(record, "output"),
    }
    return [row]


FILE = "japanese_alpaca_data.json"

CORPUS = Corpus(
    name="alpaca_ja",
    title="Japanese Alpaca data",
    homepage="https://github.com/masa3141/japanese-alpaca-lora",
    license=CC_BY_NC_4,
    attribution="the Stanford Alpaca team; Japanese translation by masa3141",
    citation="""@misc{alpaca,
  author = {Rohan Taori and Ishaan Gulrajani and Tianyi Zhang and Yann Dubois and Xuechen Li and Carlos Guestrin
            and Percy Liang and Tatsunori B. Hashimoto},
  title = {Stanford Alpaca: An Instruction-following LLaMA model},
  year = {2023},
  publisher = {GitHub},
  howpublished = {https://github.com/tatsu-lab/stanford_alpaca}
}""",
    files=(
        RemoteFile(
            FILE,
            "https://raw.githubusercontent.com/masa3141/japanese-alpaca-lora/"
            f"4c3b85f671190b1861a2d46c83d7425e3d82437a/data/{FILE}",
            git_blob="f3f0e1c97e0df7c7f4e60e6876d1186fae6fad69",
        ),
    ),
    tasks=(
        Task(
            "alpaca-ja",
            (Template("instruction", "{instruction}", "{input}", "{output}"),),
            paper_count=52_002,
        ),
    ),
    columns={"instruction": "ja", "input": "any", "output": "any"},
    read=read,
    limitations=(
        "Machine translation of Alpaca, whose answers were written by a model of OpenAI. Alpaca may not be "
        "used commercially, whatever license a translation names."
    ),
)
