"""What to tell a trainer about an exported file.

TRL: a program for `SFTTrainer` (https://huggingface.co/docs/trl/dataset_formats; run with trl 1.16.0).
LLaMA-Factory: an entry of `data/dataset_info.json` (https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md).
axolotl: a `datasets:` block (https://docs.axolotl.ai/docs/dataset-formats/).
torchtune: a `dataset:` block (https://pytorch.org/torchtune/stable/basics/datasets_overview.html).

`make test-trainers` reads a file of each form with the parsers of LLaMA-Factory 0.9.3, axolotl 0.19.0 and torchtune
0.6.1 themselves. A form that a trainer has no reader for is not in its table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

Json = dict[str, Any]

TRL = """\
import torch
from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

dataset = load_dataset("json", data_files={file!r}, split="train")
{prepare}arguments = SFTConfig(output_dir="tuned", bf16=torch.cuda.is_available())
trainer = SFTTrainer({model!r}, args=arguments, train_dataset=dataset)
trainer.train()
"""
SPLIT_MESSAGES = """\
# TRL trains on whole conversations, questions included, but leaves a prompt out of the loss. The tokenizer needs a chat template;
# that of a base model has none: export prompt-completion for it.
dataset = dataset.map(
    lambda row: {"prompt": row["messages"][:-1], "completion": row["messages"][-1:]}, remove_columns=["messages"]
)
"""
FOR_TRL = {"prompt-completion": "", "messages": SPLIT_MESSAGES, "openai": SPLIT_MESSAGES}
"""The forms that SFTTrainer takes, and what makes it train on the answer alone."""


def trl_program(form: str, file: Path, model: str = "MODEL") -> str:
    """A Python program that tunes a model on an exported file; only the answers count in its loss.

    Args:
        form: of `FOR_TRL`.
        file: exported in it.
        model: directory, or name on the Hub.
    """
    return TRL.format(file=str(file.resolve()), prepare=FOR_TRL[form], model=model)


_ROLES = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
_MESSAGES_FOR_LLAMA_FACTORY: Json = {
    "formatting": "sharegpt",
    "columns": {"messages": "messages"},
    "tags": _ROLES,
}
LLAMA_FACTORY: dict[str, Json] = {
    "messages": _MESSAGES_FOR_LLAMA_FACTORY,
    "openai": _MESSAGES_FOR_LLAMA_FACTORY,
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
"""What LLaMA-Factory is told of a form, without the file."""


def llama_factory(name: str, form: str, file: Path) -> Json:
    """What to add to LLaMA-Factory's `dataset_info.json`.

    Args:
        name: of the dataset, as `dataset:` in a training configuration names it.
        form: of `LLAMA_FACTORY`.
        file: the exported file.
    """
    return {name: {"file_name": str(file.resolve()), **LLAMA_FACTORY[form]}}


def _chat(field: str, role: str, content: str) -> Json:
    names = {"role": role, "content": content}
    return {"type": "chat_template", "field_messages": field, "message_property_mappings": names}


AXOLOTL: dict[str, Json] = {
    "messages": _chat("messages", "role", "content"),
    "openai": _chat("messages", "role", "content"),
    "prompt-completion": {
        "type": {
            "field_instruction": "prompt",
            "field_output": "completion",
            "format": "{instruction}",
            "no_input_format": "{instruction}",
        }
    },
    "sharegpt": _chat("conversations", "from", "value"),
    "alpaca": {"type": "alpaca"},
    "llm-jp": {"type": "completion", "field": "text"},
}
"""What axolotl is told of a form, without the file."""


def axolotl(form: str, file: Path) -> Json:
    """The `datasets:` block of an axolotl configuration.

    Args:
        form: of `AXOLOTL`.
        file: the exported file.
    """
    return {"datasets": [{"path": str(file.resolve()), "ds_type": "json", **AXOLOTL[form]}]}


def _conversation(column: str, style: str) -> Json:
    return {
        "_component_": "torchtune.datasets.chat_dataset",
        "conversation_column": column,
        "conversation_style": style,
    }


TORCHTUNE: dict[str, Json] = {
    "messages": _conversation("messages", "openai"),
    "openai": _conversation("messages", "openai"),
    "prompt-completion": {
        "_component_": "torchtune.datasets.instruct_dataset",
        "column_map": {"input": "prompt", "output": "completion"},
    },
    "sharegpt": _conversation("conversations", "sharegpt"),
    "alpaca": {"_component_": "torchtune.datasets.alpaca_dataset"},
    "llm-jp": {"_component_": "torchtune.datasets.text_completion_dataset", "column": "text"},
}
"""What torchtune is told of a form, without the file."""


def torchtune(form: str, file: Path) -> Json:
    """The `dataset:` block of a torchtune configuration.

    Args:
        form: of `TORCHTUNE`.
        file: the exported file.
    """
    where = {"source": "json", "data_files": str(file.resolve()), "split": "train"}
    return {"dataset": {**TORCHTUNE[form], **where}}
