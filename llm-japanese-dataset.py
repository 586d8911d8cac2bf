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
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import datasets
import pyarrow as pa

REPOSITORY, SCRIPT_REVISION = "izumi-lab/llm-japanese-dataset", "script"
# Filled in when the script is published: `datasets` keeps its copy of this file by this file's content alone, and a
# change in builders/ beside it would go unnoticed there. A local checkout is told by where it lies (`base_path`).
BUILDERS_DIGEST = ""


def _origin() -> tuple[Path | None, str, str]:
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


def _find_root() -> Path:
    """The directory that holds builders/."""
    original, repository, revision = _origin()
    for file in filter(None, (Path(__file__).resolve(), original)):
        if (file.parent / "builders" / "__init__.py").is_file():
            return file.parent
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(repository, repo_type="dataset", revision=revision, allow_patterns=["builders/*"]))


def _use_builders_of(root: Path) -> None:
    """Puts `root` on the import path, in place of another checkout's builders."""
    loaded = sys.modules.get("builders")
    if loaded is not None and Path(str(loaded.__file__)).resolve().parent != (root / "builders").resolve():
        for name in [name for name in sys.modules if name.partition(".")[0] == "builders"]:
            del sys.modules[name]
    if sys.path[:1] != [str(root)]:
        sys.path.insert(0, str(root))
    importlib.invalidate_caches()


_use_builders_of(_find_root())


def _builders(name: str) -> ModuleType:
    """A module of the package: asked for at every use, as another checkout may have taken its place meanwhile."""
    return importlib.import_module(f"builders.{name}")


def _version() -> datasets.Version:
    return datasets.Version(importlib.import_module("builders").__version__)


def _configs() -> list[datasets.BuilderConfig]:
    catalogue = _builders("catalogue")
    return [
        datasets.BuilderConfig(name=name, version=_version(), description=catalogue.describe(name))
        for name in catalogue.CONFIGS
    ]


class LlmJapaneseDataset(datasets.ArrowBasedBuilder, datasets.GeneratorBasedBuilder):  # type: ignore[misc]  # untyped
    """Yields the records of one config as Arrow tables; `GeneratorBasedBuilder` in name and interface."""

    VERSION = _version()
    BUILDER_CONFIGS = _configs()
    DEFAULT_CONFIG_NAME = _builders("catalogue").DEFAULT
    DEFAULT_WRITER_BATCH_SIZE = 100_000

    # up to 3.6 GeneratorBasedBuilder's would hand an argument for row keys to the Arrow writer, which knows none
    _download_and_prepare = datasets.DatasetBuilder._download_and_prepare

    def __init__(self, *args: Any, **kwargs: Any):
        # `datasets` gives two checkouts with the same script one copy of it; where each lies is `base_path`
        checkout = Path(kwargs.get("base_path") or ".")
        if kwargs.get("base_path") and (checkout / "builders" / "__init__.py").is_file():
            _use_builders_of(checkout.resolve())
            type(self).builder_configs = {config.name: config for config in _configs()}
        # the prepared data are kept under this key: they follow this code and the files in data_dir
        kwargs["hash"] = _digest(kwargs.get("config_name"), kwargs.get("data_dir"))
        super().__init__(*args, **kwargs)

    def _info(self) -> datasets.DatasetInfo:
        catalogue, schema = _builders("catalogue"), _builders("schema")
        return datasets.DatasetInfo(
            description=catalogue.describe(self.config.name),
            features=datasets.Features({name: datasets.Value("string") for name in schema.COLUMNS}),
            homepage=f"https://huggingface.co/datasets/{REPOSITORY}",
            license=catalogue.licenses(self.config.name),
            citation=catalogue.CITATION,
        )

    def _split_generators(self, dl_manager: datasets.DownloadManager) -> list[datasets.SplitGenerator]:
        sources = Path(self.config.data_dir).expanduser() if self.config.data_dir else None
        obtain = partial(_builders("download").obtain, sources=sources)
        plans = _builders("build.plan").plan_configs([self.config.name], obtain)
        work = [shard for plan in plans for shard in plan.shards]
        return [datasets.SplitGenerator(name=datasets.Split.TRAIN, gen_kwargs={"work": work})]

    def _generate_tables(self, work: list[Any]) -> Iterator[tuple[str, pa.Table]]:
        shards, schema = _builders("build.shards"), _builders("schema").SCHEMA
        for shard in work:
            for number, step in enumerate(shards.steps(shard.corpus, shard.task, shard.part)):
                batches = [batch.cast(schema) for batch in step.records.values() if batch.num_rows]
                if batches:
                    yield f"{shard.task.config}/{shard.part.name}/{number}", pa.Table.from_batches(batches)

    def _generate_examples(self, work: list[Any]) -> Iterator[tuple[str, dict[str, str]]]:
        for _, table in self._generate_tables(work):
            for record in table.to_pylist():
                yield record["id"], record


def _digest(config: str | None, data_dir: str | None) -> str:
    """Hex digest of this file, of all the code that decides the records of a config, and of the raw files' state."""
    catalogue, fingerprints = _builders("catalogue"), _builders("build.fingerprints")
    members = catalogue.CONFIGS.get(config or catalogue.DEFAULT, ())
    nothing = _builders("corpus").Part("", {})
    code = [fingerprints.fingerprint(*catalogue.TASK_CONFIGS[name], nothing, ()) for name in members]
    return hashlib.sha256(repr((Path(__file__).read_bytes(), code, _state(data_dir))).encode()).hexdigest()


def _state(data_dir: str | None) -> list[tuple[str, int, int]]:
    """Names, sizes and times of the raw files."""
    files = sorted(Path(data_dir).expanduser().glob("*/*")) if data_dir else []
    return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()]
