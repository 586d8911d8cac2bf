"""Records per second of the build, against a row-at-a-time builder that makes the same records in the same run.

    python -m benchmarks.build [--pairs 1000000]

Makes a tab-delimited corpus of invented pairs, then makes its two records a pair in several ways, each in a process of
its own that may use one core (see `benchmarks.ways`):

- by rows: a plain `GeneratorBasedBuilder` that reads the text line by line and writes the same columns to Parquet;
- build: the whole build with all it does: page index, content-defined chunking, checksums, card, charts and report;
- records alone: the same without card, charts and report, whose cost does not grow with the records;
- loading script: `download_and_prepare` of this project's builder class to Parquet, and to Arrow;
- floor: pyarrow alone, reading the text into columns and writing two of them, without anything this project adds.
"""

from __future__ import annotations

import importlib
import random
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import ways
from benchmarks.machine import describe_machine

CONFIG = "translation-tab-delimited"
ENGLISH = (
    "the river is wide and we walked along it until a small boat came with two old men who sold fresh fish".split()
)
JAPANESE = "川は広くて小さな船が来るまで岸を歩いた二人の老人が新しい魚を売っていたので私たちは少し買うことにした"


def generate(sources: Path, pairs: int) -> None:
    """Writes `tab_delimited/jpn-eng.zip` with that many invented pairs, as long as sentences are (mean 9 words, 18 characters).

    In the two-column layout of the corpus's older editions: delimited text and nothing else.
    """
    draw = random.Random(7)
    path = sources / "tab_delimited" / "jpn-eng.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive, archive.open("jpn.txt", "w") as member:
        for _ in range(pairs):
            english = " ".join(draw.choices(ENGLISH, k=draw.randint(3, 15)))
            japanese = "".join(draw.choices(JAPANESE, k=draw.randint(6, 30)))
            member.write(f"{english}\t{japanese}\n".encode())


def by_rows(sources: Path, out: Path) -> int:
    """The obvious way: one Python dictionary per record."""
    import datasets

    from builders.corpora.tab_delimited import CORPUS
    from builders.schema import COLUMNS

    class ByRows(datasets.GeneratorBasedBuilder):  # type: ignore[misc]  # untyped
        def _info(self) -> datasets.DatasetInfo:
            return datasets.DatasetInfo(features=datasets.Features({c: datasets.Value("string") for c in COLUMNS}))

        def _split_generators(self, dl_manager: object) -> list[datasets.SplitGenerator]:
            return [datasets.SplitGenerator(name="train", gen_kwargs={"path": sources / "tab_delimited/jpn-eng.zip"})]

        def _generate_examples(self, path: Path) -> Iterator[tuple[str, dict[str, str]]]:
            task = CORPUS.tasks[0]
            with zipfile.ZipFile(path) as archive, archive.open("jpn.txt") as lines:
                for number, line in enumerate(lines):
                    english, japanese = line.decode().rstrip("\n").split("\t")
                    for template in task.templates:
                        key = f"tab_delimited:{template.name}:{number}"
                        source, target = (japanese, english) if template.name == "ja-en" else (english, japanese)
                        row = (template.instruction, source, target, key, CORPUS.name, template.name, "CC-BY-2.0-FR")
                        yield key, dict(zip(COLUMNS, row, strict=True))

    builder = ByRows(cache_dir=str(out / "cache"))
    builder.download_and_prepare(output_dir=str(out / "rows"), file_format="parquet")
    return int(builder.info.splits["train"].num_examples)


def loading_script(sources: Path, out: Path, file_format: str) -> int:
    """This project's builder class, as `datasets` runs it."""
    module = importlib.import_module("llm-japanese-dataset")
    builder = module.LlmJapaneseDataset(config_name=CONFIG, data_dir=str(sources), cache_dir=str(out / "cache"))
    builder.download_and_prepare(output_dir=str(out / "loading_script"), file_format=file_format)
    return int(builder.info.splits["train"].num_examples)


def floor(sources: Path, out: Path) -> int:
    """pyarrow alone: the text into columns, two sentences a record into Parquet."""
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    schema = pa.schema([("input", pa.string()), ("output", pa.string())])
    count = 0
    options = {
        "read_options": csv.ReadOptions(column_names=["e", "j"], use_threads=False, block_size=8 << 20),
        "parse_options": csv.ParseOptions(delimiter="\t", quote_char=False),
    }
    archive = zipfile.ZipFile(sources / "tab_delimited/jpn-eng.zip")
    with pq.ParquetWriter(out / "floor.parquet", schema, use_dictionary=False) as writer:
        for batch in csv.open_csv(archive.open("jpn.txt"), **options):
            for pair in (("j", "e"), ("e", "j")):
                writer.write_batch(pa.RecordBatch.from_arrays([batch[name] for name in pair], schema=schema))
                count += batch.num_rows
    return count


WAYS: dict[str, ways.Way] = {
    "by rows": by_rows,
    "build": partial(ways.build, CONFIG),
    "records alone": partial(ways.build_records, CONFIG),
    "loading script, Parquet": partial(loading_script, file_format="parquet"),
    "loading script, Arrow": partial(loading_script, file_format="arrow"),
    "floor": floor,
}


def main() -> None:
    """Measures every way and prints the table."""
    results = ways.compare("benchmarks.build", __doc__, WAYS, generate, pairs=1_000_000)
    rates = {way: result["records"] / result["seconds"] for way, result in results.items()}
    by_rows, floor = rates["by rows"], rates["floor"]
    ratios = {way: {"x by rows": rate / by_rows, "x floor": rate / floor} for way, rate in rates.items()}
    ways.show(describe_machine("pyarrow", "datasets"), results, rates, ratios)


if __name__ == "__main__":
    main()
