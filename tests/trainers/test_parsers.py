"""LLaMA-Factory, axolotl and torchtune read a file of each form by what `export` tells them, with their own parsers.

    make test-trainers

Each trainer runs in a process of its own. It gets the file and the block that `builders.tree.export.trainers` gives for
it, and prints what it would ask the model and what it would train on, record by record.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from builders.tree import reader, report
from builders.tree.export import trainers
from builders.tree.export.files import export
from builders.tree.export.formats import BLANK_LINE, FORMS
from builders.tree.export.selection import Selection, choose
from tests.trainers import environment

CONFIG = "dolly-ja"
"""With inputs and without, and texts of several lines."""

LLAMA_FACTORY = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
from datasets import load_dataset
from llamafactory.data.converter import align_dataset
from llamafactory.data.parser import get_dataset_list

entry, folder = json.loads(sys.argv[1]), Path(sys.argv[2])
(folder / "dataset_info.json").write_text(json.dumps(entry))
(attributes,) = get_dataset_list(list(entry), str(folder))
assert attributes.load_from == "file"
rows = load_dataset("json", data_files=attributes.dataset_name, split="train", cache_dir=str(folder))
data = SimpleNamespace(
    streaming=False, preprocessing_num_workers=None, overwrite_cache=True, dataset_dir=str(folder), image_dir="",
    media_dir="",
)
aligned = align_dataset(rows, attributes, data, SimpleNamespace(local_process_index=0))
print(json.dumps([[row["_prompt"][0]["content"], row["_response"][0]["content"]] for row in aligned]))
"""

TOKENIZER = """
import json, sys
from pathlib import Path
import tokenizers, transformers
folder = Path(sys.argv[2])
core = tokenizers.Tokenizer(tokenizers.models.BPE(
    {c: n for n, c in enumerate(sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet()))}, []))
core.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
core.decoder = tokenizers.decoders.ByteLevel()
tokenizer = transformers.PreTrainedTokenizerFast(
    tokenizer_object=core, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<unk>")
tokenizer.chat_template = (
    "{% for message in messages %}[{{ message['role'] }}]{{ message['content'] }}{{ eos_token }}{% endfor %}")
"""

AXOLOTL = (
    TOKENIZER
    + """
from axolotl.prompt_strategies import load
from axolotl.prompt_tokenizers import AlpacaPromptTokenizingStrategy
from axolotl.prompters import AlpacaPrompter
from axolotl.utils.dict import DictDefault
from axolotl.utils.schemas.datasets import SFTDataset
from datasets import load_dataset

(block,) = json.loads(sys.argv[1])["datasets"]
settings = DictDefault(SFTDataset(**block).model_dump(exclude_none=True))
configuration = DictDefault({"sequence_len": 100_000, "train_on_inputs": False, "chat_template": "tokenizer_default"})
rows = load_dataset(settings.ds_type, data_files=settings.path, split="train", cache_dir=str(folder))
kind = "user_defined" if isinstance(settings.type, dict) else settings.type
if kind == "user_defined":
    settings = settings.type
if kind == "alpaca":
    strategy = AlpacaPromptTokenizingStrategy(AlpacaPrompter(), tokenizer, False, 100_000)
else:
    strategy = load(kind, tokenizer, configuration, settings)
seen = []
for row in rows:
    batch = {name: [value] for name, value in row.items()} if kind == "completion" else row
    made = strategy.tokenize_prompt(batch)
    ids, labels = made["input_ids"], made["labels"]
    if kind == "completion":
        ids, labels = ids[0], labels[0]
    asked = tokenizer.decode([i for i, l in zip(ids, labels) if l == -100])
    learnt = tokenizer.decode([l for l in labels if l != -100])
    seen.append([asked, learnt.replace("</s>", "")])
print(json.dumps(seen))
"""
)

TORCHTUNE = """
import json, sys
from torchtune.config import instantiate
from omegaconf import OmegaConf

class Letters:
    '''Stands for a model's tokenizer: a token for each character.'''
    max_seq_len = None
    def encode(self, text, add_bos=True, add_eos=True):
        return [ord(letter) for letter in text]
    def __call__(self, sample, inference=False):
        pairs = [(ord(letter), m.masked) for m in sample["messages"] for letter in m.text_content]
        return {"tokens": [token for token, _ in pairs], "mask": [masked for _, masked in pairs]}

block = OmegaConf.create(json.loads(sys.argv[1])["dataset"])
if "text_" not in block["_component_"]:
    block["train_on_input"] = False
seen = []
for row in instantiate(block, Letters()):
    pairs = list(zip(row["tokens"], row["labels"]))
    asked = "".join(chr(token) for token, label in pairs if label == -100)
    seen.append([asked, "".join(chr(token) for token, label in pairs if label != -100)])
print(json.dumps(seen))
"""

TRAINERS: dict[str, tuple[str, Any, Any]] = {
    "llama-factory": (
        LLAMA_FACTORY,
        trainers.LLAMA_FACTORY,
        lambda form, file: trainers.llama_factory("ljd", form, file),
    ),
    "axolotl": (AXOLOTL, trainers.AXOLOTL, trainers.axolotl),
    "torchtune": (TORCHTUNE, trainers.TORCHTUNE, trainers.torchtune),
}
"""By trainer: its program, the forms that it reads, and what it is told of a file."""


@pytest.fixture(scope="module")
def exported(sample_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file of each form."""
    chosen = choose(
        sample_dataset, reader.config_named(CONFIG, report.load(sample_dataset), sample_dataset), Selection()
    )
    files = {form: tmp_path_factory.mktemp("exported") / f"{form}.jsonl" for form in FORMS}
    for form, file in files.items():
        export(sample_dataset, chosen, form, file)
    return files


@pytest.mark.parametrize("trainer, form", [(trainer, form) for trainer, known in TRAINERS.items() for form in known[1]])
def test_a_trainer_reads_the_form(trainer: str, form: str, exported: dict[str, Path], tmp_path: Path) -> None:
    if not environment.ready():
        pytest.skip("the trainers are not installed: make test-trainers")
    program, _, tell = TRAINERS[trainer]
    command = [sys.executable, "-c", program, json.dumps(tell(form, exported[form])), str(tmp_path)]

    done = subprocess.run(command, env=environment.variables(), capture_output=True, text=True)

    assert done.returncode == 0, done.stderr[-3000:]
    read = json.loads(done.stdout.splitlines()[-1])
    records = [json.loads(line) for line in exported["alpaca"].read_text("utf-8").splitlines()]
    assert len(read) == len(records)
    for (asked, learnt), record in zip(read, records, strict=True):
        question = BLANK_LINE.join(filter(None, (record["instruction"], record["input"])))
        if form == "llm-jp":
            assert question in learnt and learnt.endswith(record["output"])
            continue
        assert learnt.strip() == record["output"].strip()
        assert record["instruction"] in asked and record["input"] in asked
        assert form == "alpaca" or question in asked
