"""A built dataset can be loaded from its directory: `load_dataset("OUT", config)` in the two versions of `datasets` used here."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from builders import catalogue
from builders.tree import report
from tests.matrix import environments

LOAD = """
import json, sys
from datasets import load_dataset
out = sys.argv[1]
counts = {}
for name, arguments in {"translation": ["translation"], "jsquad": ["jsquad"], "default": []}.items():
    plain = load_dataset(out, *arguments, split="train")
    stream = list(load_dataset(out, *arguments, split="train", streaming=True))
    assert plain.to_list() == stream
    counts[name] = len(stream)
print(json.dumps(counts))
"""


@pytest.mark.parametrize("version", ["3.6.0", environments.OWN])
def test_a_dataset_loads_from_its_directory(version, sample_dataset, tmp_path):
    if not environments.ready(version):
        pytest.skip(f"no environment with datasets {version}: `make test` makes it")
    environment = os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    command = [environments.python(version), "-c", LOAD, str(sample_dataset)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    records = {name: config.records for name, config in report.load(sample_dataset).configs.items()}
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "translation": sum(records[name] for name in catalogue.GROUPS["translation"]),
        "jsquad": records["jsquad"],
        "default": sum(records[name] for name in catalogue.GROUPS[catalogue.DEFAULT]),
    }
