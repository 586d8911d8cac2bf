"""What to tell a trainer about an exported file.

TRL: a program for `SFTTrainer` (https://huggingface.co/docs/trl/dataset_formats; run with trl 1.16.0).
LLaMA-Factory: an entry of `data/dataset_info.json`
(https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md, commit ff6d4d1).
axolotl: a `datasets:` block (https://docs.axolotl.ai/docs/dataset-formats/, commit 067b021).

They were checked against the code of those commits: the entry went through LLaMA-Factory's `get_dataset_list` and its
converters, the block through axolotl's schema `SFTDataset`.
"""

from __future__ import annotations

from pathlib import Path

TRL = """\
import torch
from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

dataset = load_dataset("json", data_files={file!r}, split="train")
arguments = SFTConfig(output_dir="tuned", bf16=torch.cuda.is_available())
trainer = SFTTrainer({model!r}, args=arguments, train_dataset=dataset)
trainer.train()
"""
FOR_TRL = ("messages", "prompt-completion")
"""The forms that SFTTrainer takes as they are; for `messages` the tokenizer needs a chat template."""


def trl_program(file: Path, model: str = "MODEL") -> str:
    """A Python program that tunes a model on an exported file.

    Args:
        file: exported as one of `FOR_TRL`.
        model: directory, or name on the Hub.
    """
    return TRL.format(file=str(file.resolve()), model=model)


_LLAMA_FACTORY: dict[str, dict] = {
    "messages": {
        "formatting": "sharegpt",
        "columns": {"messages": "messages"},
        "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"},
    },
    "prompt-completion": {"formatting": "alpaca", "columns": {"prompt": "prompt", "response": "completion"}},
    "sharegpt": {
        "formatting": "sharegpt",
        "columns": {"messages": "conversations"},
        "tags": {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"},
    },
    "alpaca": {
        "formatting": "alpaca",
        "columns": {"prompt": "instruction", "query": "input", "response": "output"},
    },
}


def llama_factory(name: str, form: str, file: Path) -> dict:
    """What to add to LLaMA-Factory's `dataset_info.json`.

    Args:
        name: of the dataset, as `dataset:` in a training configuration names it.
        form: a name of `builders.tree.export.formats.FORMATS`.
        file: the exported file.
    """
    return {name: {"file_name": str(file.resolve()), **_LLAMA_FACTORY[form]}}


_AXOLOTL: dict[str, dict] = {
    "messages": {
        "type": "chat_template",
        "field_messages": "messages",
        "message_property_mappings": {"role": "role", "content": "content"},
    },
    "prompt-completion": {
        "type": {
            "field_instruction": "prompt",
            "field_output": "completion",
            "format": "{instruction}",
            "no_input_format": "{instruction}",
        }
    },
    "sharegpt": {
        "type": "chat_template",
        "field_messages": "conversations",
        "message_property_mappings": {"role": "from", "content": "value"},
    },
    "alpaca": {"type": "alpaca"},
}


def axolotl(form: str, file: Path) -> dict:
    """The `datasets:` block of an axolotl configuration.

    Args:
        form: a name of `builders.tree.export.formats.FORMATS`.
        file: the exported file.
    """
    return {"datasets": [{"path": str(file.resolve()), "ds_type": "json", **_AXOLOTL[form]}]}
