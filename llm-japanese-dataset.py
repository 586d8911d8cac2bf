"""llm-japanese-dataset: the way in for `datasets`, one config per entry of `builders.catalogue`.

Works as a loading script in `datasets` 2.14 to 3.6 (this file, its directory, or the Hub's revision `script`) and by
plain import in every version (`importlib.import_module("llm-japanese-dataset")`). `data_dir` is a directory with
`<corpus>/<raw file>`; without it the raw files are downloaded and verified.

`datasets` copies a loading script without the package beside it, so this file looks for `builders/` itself: beside it,
beside the original of the copy, and last in the same commit on the Hub.
"""

import hashlib
import importlib
import json
import re
import sys
from functools import partial
from pathlib import Path

import datasets
import pyarrow as pa

REPOSITORY, SCRIPT_REVISION = "izumi-lab/llm-japanese-dataset", "script"
# Digest of builders/, written by `python -m tests.update_door`. `datasets` keys its copy of this file by this file's
# content alone: without the digest, a change in builders/ would go unnoticed.
BUILDERS_DIGEST = "bae7bec385c1a39d6e8c5c8740d930981d91aa8843eb869852cafe3b7d0256a5"


def _origin():
    """The path this file was copied from, or None; and the repository and revision to ask on the Hub."""
    note = Path(__file__).with_suffix(".json")  # written by `datasets` beside its copy
    if not note.is_file():
        return None, REPOSITORY, SCRIPT_REVISION
    path = Path(json.loads(note.read_text(encoding="utf-8"))["original file path"])
    where = path.as_posix()
    pattern = r"datasets--([^/]+?)--([^/]+)/snapshots/([^/]+)/"  # the Hub's cache, `datasets` 3
    beside = Path(f"{path}.json")
    if beside.is_file():  # `datasets` 2: a download, with its address beside it
        where = json.loads(beside.read_text(encoding="utf-8"))["url"]
        pattern = r"datasets/([^/]+)/([^/@]+)(?:@|/resolve/)([^/]+)/"
    found = re.search(pattern, where)
    return (None, f"{found[1]}/{found[2]}", found[3]) if found else (path, REPOSITORY, SCRIPT_REVISION)


def _find_root():
    """The directory that holds builders/."""
    original, repository, revision = _origin()
    for file in filter(None, (Path(__file__).resolve(), original)):
        if (file.parent / "builders" / "__init__.py").is_file():
            return file.parent
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(repository, repo_type="dataset", revision=revision, allow_patterns=["builders/*"]))


def _use_builders_of(root):
    """Puts `root` on the import path, in place of another checkout's builders."""
    loaded = sys.modules.get("builders")
    if loaded is not None and Path(loaded.__file__).resolve().parent != (root / "builders").resolve():
        for name in [name for name in sys.modules if name.partition(".")[0] == "builders"]:
            del sys.modules[name]
    if sys.path[:1] != [str(root)]:
        sys.path.insert(0, str(root))
    importlib.invalidate_caches()


_use_builders_of(_find_root())
build, catalogue, download, records, report, shards = (
    importlib.import_module(f"builders.{name}")
    for name in ("build", "catalogue", "download", "records", "report", "shards")
)

VERSION = datasets.Version(importlib.import_module("builders").__version__)


class LlmJapaneseDataset(datasets.ArrowBasedBuilder, datasets.GeneratorBasedBuilder):
    """Yields the records of one config as Arrow tables; `GeneratorBasedBuilder` in name and interface."""

    VERSION = VERSION
    BUILDER_CONFIGS = [
        datasets.BuilderConfig(name=name, version=VERSION, description=catalogue.describe(name))
        for name in catalogue.CONFIGS
    ]
    DEFAULT_CONFIG_NAME = catalogue.DEFAULT
    DEFAULT_WRITER_BATCH_SIZE = shards.ROWS_PER_GROUP

    # up to 3.6 GeneratorBasedBuilder's would hand an argument for row keys to the Arrow writer, which knows none
    _download_and_prepare = datasets.DatasetBuilder._download_and_prepare

    def __init__(self, *args, **kwargs):
        # the prepared data are kept under this key: they follow this code and the files in data_dir
        kwargs["hash"] = hashlib.sha256(
            repr((Path(__file__).read_bytes(), report.code_digest(), _state(kwargs.get("data_dir")))).encode()
        ).hexdigest()
        super().__init__(*args, **kwargs)

    def _info(self):
        return datasets.DatasetInfo(
            description=catalogue.describe(self.config.name),
            features=datasets.Features({name: datasets.Value("string") for name in records.COLUMNS}),
            homepage=f"https://huggingface.co/datasets/{REPOSITORY}",
            license=catalogue.licences(self.config.name),
            citation=catalogue.CITATION,
        )

    def _split_generators(self, dl_manager):
        sources = Path(self.config.data_dir).expanduser() if self.config.data_dir else None
        leaves = build.plan([self.config.name], partial(download.obtain, sources=sources))
        work = [shard for leaf in leaves for shard in leaf.shards]
        return [datasets.SplitGenerator(name=datasets.Split.TRAIN, gen_kwargs={"work": work})]

    def _generate_tables(self, work):
        for shard in work:
            for number, step in enumerate(shards.steps(shard.config, shard.part)):
                batches = [batch.cast(records.SCHEMA) for batch in step.records.values() if batch.num_rows]
                if batches:
                    yield f"{shard.config}/{shard.part.name}/{number}", pa.Table.from_batches(batches)

    def _generate_examples(self, work):
        for _, table in self._generate_tables(work):
            for record in table.to_pylist():
                yield record["id"], record


def _state(data_dir):
    """Names, sizes and times of the raw files."""
    files = sorted(Path(data_dir).expanduser().glob("*/*")) if data_dir else []
    return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()]
