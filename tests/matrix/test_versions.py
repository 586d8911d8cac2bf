"""The exact call of the card, in every supported version of `datasets`, from a cold cache.

The sample is published to a loopback Hub by the real command. Then each version's environment loads every config,
plain and streaming, and what it read is compared with the built files record for record.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from builders import catalogue
from builders.build.chat import with_chat
from builders.commands.options import SAMPLES
from builders.documents import describe
from builders.schema import COLUMNS
from builders.tree import reader, report
from builders.tree.reader import BuiltConfig
from tests.matrix import environments
from tests.support.loopback_hub import LoopbackHub, python_client
from tests.support.loopback_hub.client import run_client

REPO = "izumi-lab/llm-japanese-dataset"
IN_EVERY_RUN = ("3.6.0", "5.2.0")
"""Versions whose environments `make test` makes: theirs must be there."""

READER = """
import hashlib, json, sys
from datasets import load_dataset

def seen(records):
    digest, count = hashlib.sha256(), 0
    for record in records:
        digest.update(json.dumps(list(record.items())).encode())
        count += 1
    return [count, digest.hexdigest()]

repo, configs, options = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
print(json.dumps({config: {
    "plain": seen(load_dataset(repo, config, **options)["train"]),
    "streaming": seen(load_dataset(repo, config, streaming=True, **options)["train"]),
} for config in configs}))
"""


CHAT_READER = """
import sys
from datasets import load_dataset

def turns(record):
    asked = record["instruction"] + ("\\n\\n" + record["input"] if record["input"] else "")
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": record["output"]}]

records = load_dataset(sys.argv[1], "all", split="train")
for streaming in (False, True):
    chat = list(load_dataset(sys.argv[1], "chat", split="train", streaming=streaming))
    wanted = [(turns(record), record["id"], record["source"], record["license"]) for record in records]
    print([(row["messages"], row["id"], row["source"], row["license"]) for row in chat] == wanted)
print(len(chat))
"""


@pytest.fixture(scope="module")
def chat_dataset(sample_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples with the config `chat`."""
    directory = tmp_path_factory.mktemp("chat") / "built"
    shutil.copytree(sample_dataset, directory)
    describe(with_chat(report.load(directory), directory, 1), directory)
    return directory


@pytest.fixture(scope="module")
def published(chat_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoopbackHub]:
    """A Hub that holds it."""
    with LoopbackHub(tmp_path_factory.mktemp("blobs")) as hub:
        command = [
            "-m",
            "builders",
            "publish",
            str(chat_dataset),
            "--repo",
            REPO,
            "--allow-samples",
            "--allow-partial",
        ]
        done = run_client(hub, tmp_path_factory.mktemp("publisher"), command)
        assert done.returncode == 0, done.stderr
        yield hub


@pytest.fixture(scope="module")
def expected(sample_dataset: Path) -> dict[str, list]:
    """Number and digest of the records by config, as the built files have them."""
    content = report.load(sample_dataset)
    return {name: _seen(sample_dataset, config) for name, config in reader.configs(content).items()}


def _seen(directory: Path, config: BuiltConfig) -> list:
    digest, count = hashlib.sha256(), 0
    for entry in config.tasks.values():
        for shard in entry.shards:
            for record in pq.read_table(directory / shard.path, columns=list(COLUMNS)).to_pylist():
                digest.update(json.dumps(list(record.items())).encode())
                count += 1
    return [count, digest.hexdigest()]


def _environment(version: str) -> Path:
    if not environments.ready(version):
        how = f"no environment with datasets {version}; make it: python tests/matrix/environments.py {version}"
        pytest.fail(how) if version in IN_EVERY_RUN else pytest.skip(how)
    return environments.python(version)


def _load(hub: LoopbackHub, home: Path, version: str, configs: list[str], options: dict) -> dict[str, dict]:
    """What a version reads of each config, plain and streaming, from a cold cache."""
    arguments = (REPO, json.dumps(configs), json.dumps(options))
    return json.loads(python_client(hub, home, READER, *arguments, python=_environment(version), token=None))


@pytest.mark.parametrize("version", environments.VERSIONS)
def test_every_config_plain_and_streaming(
    version: str, published: LoopbackHub, expected: dict[str, list], tmp_path: Path
) -> None:
    assert "translation" in expected and catalogue.DEFAULT in expected
    seen = _load(published, tmp_path, version, list(expected), {})
    assert seen == {config: {"plain": records, "streaming": records} for config, records in expected.items()}


@pytest.mark.parametrize("version", environments.VERSIONS)
def test_without_a_config_all_is_loaded(
    version: str, published: LoopbackHub, expected: dict[str, list], tmp_path: Path
) -> None:
    program = "from datasets import load_dataset; print(len(load_dataset('REPO')['train']))".replace("REPO", REPO)
    seen = python_client(published, tmp_path, program, python=_environment(version), token=None)
    assert int(seen) == expected[catalogue.DEFAULT][0]


@pytest.mark.parametrize("version", environments.VERSIONS)
def test_a_config_that_does_not_exist_is_answered_with_those_that_do(
    version: str, published: LoopbackHub, tmp_path: Path
) -> None:
    program = f"from datasets import load_dataset; load_dataset('{REPO}', 'translations')"
    done = run_client(published, tmp_path, ["-c", program], python=_environment(version), token=None)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ValueError: BuilderConfig 'translations' not found. Available: ['all', 'translation', ")


@pytest.mark.parametrize("version", environments.VERSIONS)
def test_conversations(version: str, published: LoopbackHub, expected: dict[str, list], tmp_path: Path) -> None:
    """Those of `chat` are the records of `all`, in their order."""
    seen = python_client(published, tmp_path, CHAT_READER, REPO, python=_environment(version), token=None)
    assert seen.split() == ["True", "True", str(expected[catalogue.DEFAULT][0])]


@pytest.mark.parametrize("version", environments.WITH_SCRIPTS)
def test_the_loading_script_of_the_hub_builds_the_same_records(
    version: str, published: LoopbackHub, expected: dict[str, list], tmp_path: Path
) -> None:
    options = {"revision": "script", "trust_remote_code": True, "data_dir": str(SAMPLES)}
    configs = ["translation", "jsquad"]
    seen = _load(published, tmp_path, version, configs, options)
    assert seen == {config: {"plain": expected[config], "streaming": expected[config]} for config in configs}
