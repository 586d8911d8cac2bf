"""The builder class: by plain import here, as a loading script in the `datasets` that still runs scripts."""

from __future__ import annotations

import importlib
import json
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path

import datasets
import pyarrow.parquet as pq
import pytest

from builders import catalogue
from builders.commands.options import SAMPLES
from builders.hub import publish
from builders.schema import COLUMNS

ROOT = Path(__file__).resolve().parents[1]
LOADING_SCRIPT = ROOT / "llm-japanese-dataset.py"
CONFIG = "translation-coursera"
SCRIPT_PYTHON = ROOT / ".venvs" / "datasets-3.6.0" / "bin" / "python"


@pytest.fixture(scope="module")
def loading_script():
    sys.path.insert(0, str(ROOT))
    return importlib.import_module("llm-japanese-dataset")


@pytest.fixture
def prepare(loading_script, tmp_path):
    """Prepares a config from the samples; returns the builder."""

    def prepare(config: str = CONFIG, **options):
        builder = loading_script.LlmJapaneseDataset(
            config_name=config, data_dir=str(SAMPLES), cache_dir=str(tmp_path / "cache")
        )
        builder.download_and_prepare(**options)
        return builder

    return prepare


@pytest.fixture(scope="module")
def expected(sample_dataset) -> list[dict]:
    """The records of the built tree: the loading script must give the same."""
    return pq.read_table(sample_dataset / CONFIG).to_pylist()


def test_it_is_one_generator_based_builder_with_every_config(loading_script):
    assert issubclass(loading_script.LlmJapaneseDataset, datasets.GeneratorBasedBuilder)
    assert list(loading_script.LlmJapaneseDataset.builder_configs) == list(catalogue.CONFIGS)
    assert loading_script.LlmJapaneseDataset.DEFAULT_CONFIG_NAME == "all"
    assert len(re.findall(r"^class ", LOADING_SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)) == 1


def test_a_publish_stamps_the_digest_of_the_code_beside_it(tmp_path, monkeypatch):
    def published() -> str:
        return publish.script_files()[LOADING_SCRIPT.name].source.decode()

    assert publish.UNSTAMPED in LOADING_SCRIPT.read_text(encoding="utf-8")
    before = published()
    assert publish.UNSTAMPED not in before and re.search(r'^BUILDERS_DIGEST = "[0-9a-f]{64}"$', before, re.MULTILINE)
    shutil.copytree(ROOT / "builders", tmp_path / "builders")
    for name in (LOADING_SCRIPT.name, "dataset_infos.json"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "builders" / "rows.py").write_text("# changed\n")
    monkeypatch.setattr(publish, "ROOT", tmp_path)
    assert published() != before


def test_arrow(prepare, expected):
    dataset = prepare().as_dataset(split="train")
    assert dataset.column_names == list(COLUMNS) and dataset.to_list() == expected


def test_parquet(prepare, expected, tmp_path):
    prepare(output_dir=str(tmp_path / "out"), file_format="parquet")
    [file] = (tmp_path / "out").glob("*.parquet")
    assert pq.read_table(file).to_pylist() == expected


@pytest.mark.parametrize("file_format", ["arrow", "parquet"])
def test_two_processes(prepare, tmp_path, file_format):
    builder = prepare("easy-ja", num_proc=2, output_dir=str(tmp_path / "out"), file_format=file_format)
    assert builder.info.splits["train"].num_examples == len(prepare("easy-ja").as_dataset(split="train"))
    assert len(list((tmp_path / "out").glob(f"*.{file_format}"))) == 2


def test_streaming(prepare, loading_script, expected):
    builder = loading_script.LlmJapaneseDataset(config_name=CONFIG, data_dir=str(SAMPLES))
    assert list(builder.as_streaming_dataset(split="train")) == expected


def test_rows_as_examples(loading_script, expected):
    builder = loading_script.LlmJapaneseDataset(config_name=CONFIG, data_dir=str(SAMPLES))
    [split] = builder._split_generators(None)
    examples = list(builder._generate_examples(**split.gen_kwargs))
    assert [example for _, example in examples] == expected
    assert len({key for key, _ in examples}) == len(examples)


def test_a_group_is_the_sum_of_its_task_configs(prepare):
    counts = {name: prepare(name).info.splits["train"].num_examples for name in catalogue.GROUPS["knowledge"]}
    assert prepare("knowledge").info.splits["train"].num_examples == sum(counts.values()) > 0


def test_it_can_be_pickled(loading_script):
    builder = loading_script.LlmJapaneseDataset(config_name=CONFIG, data_dir=str(SAMPLES))
    assert pickle.loads(pickle.dumps(builder)).config.name == CONFIG


def test_changed_raw_files_are_prepared_again(loading_script, tmp_path):
    shutil.copytree(SAMPLES / "coursera", tmp_path / "sources" / "coursera")
    (tmp_path / "sources" / "SAMPLE").touch()

    def digest() -> str:
        builder = loading_script.LlmJapaneseDataset(config_name=CONFIG, data_dir=str(tmp_path / "sources"))
        return builder.hash

    before = digest()
    assert digest() == before
    archive = tmp_path / "sources" / "coursera" / "Coursera_En-Ja.zip"
    archive.write_bytes(archive.read_bytes() + b"\0")
    assert digest() != before


def test_missing_raw_files_are_named_through_datasets(loading_script, tmp_path):
    builder = loading_script.LlmJapaneseDataset(
        config_name=CONFIG, data_dir=str(tmp_path), cache_dir=str(tmp_path / "cache")
    )
    with pytest.raises(Exception) as error:
        builder.download_and_prepare()
    assert str(tmp_path / "coursera" / "Coursera_En-Ja.zip") in str(error.value)
    assert "Next step: " in str(error.value)


AS_SCRIPT = """
import json, sys
import datasets
path, config, sources, cache = sys.argv[1:]
options = dict(trust_remote_code=True, data_dir=sources, cache_dir=cache, split="train")
plain = datasets.load_dataset(path, config, **options)
stream = datasets.load_dataset(path, config, streaming=True, **options)
print(json.dumps([datasets.__version__, plain.to_list(), list(stream)]))
"""


@pytest.mark.skipif(not SCRIPT_PYTHON.exists(), reason=f"no {SCRIPT_PYTHON}: `make test` makes it")
@pytest.mark.parametrize("path", [LOADING_SCRIPT, ROOT], ids=["file", "directory"])
def test_as_a_loading_script(path: Path, tmp_path, expected):
    """`datasets` 3.6.0 copies the script into a cache of its own; a fresh one here. The directory has the script's name."""
    if path == ROOT and ROOT.name != LOADING_SCRIPT.stem:
        path = tmp_path / LOADING_SCRIPT.stem
        path.mkdir()
        (path / LOADING_SCRIPT.name).symlink_to(LOADING_SCRIPT)
        (path / "builders").symlink_to(ROOT / "builders")
    environment = {
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_OFFLINE": "1",
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
    }
    command = [SCRIPT_PYTHON, "-c", AS_SCRIPT, str(path), CONFIG, str(SAMPLES), str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    version, plain, stream = json.loads(done.stdout.splitlines()[-1])
    assert version == "3.6.0" and plain == expected and stream == expected
