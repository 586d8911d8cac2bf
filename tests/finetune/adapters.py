"""Adapter folders: one made in a second, whose base and tuned answers are known, and one from a real run.

And a base in bfloat16, with what tells in which type it was computed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from finetune import prompts, tiny

ROOT = Path(__file__).parents[2]
QUESTION = "日本の首都はどこですか。"
BASE_ANSWER = "知りません。"
TUNED_ANSWER = "東京です。"


def make_base(out: Path) -> Path:
    """A small LLaMA that has nothing to say but that it does not know."""
    texts = [
        prompts.format_prompt(question) + BASE_ANSWER for question in (QUESTION, "東京は何の首都ですか。", "誰ですか。")
    ]
    return tiny.make(texts, out, vocab_size=400, pretrain_steps=60)


def make_adapter(base: Path, out: Path) -> Path:
    """LoRA on ``base``, taught the answer to the question, saved with the tokenizer."""
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = get_peft_model(
        AutoModelForCausalLM.from_pretrained(base),
        LoraConfig(r=4, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"),
    )
    prompt = tokenizer(prompts.format_prompt(QUESTION))["input_ids"]
    answer = tokenizer(prompts.format_prompt(QUESTION) + TUNED_ANSWER + "</s>")["input_ids"][len(prompt) :]
    ids, labels = torch.tensor([prompt + answer]), torch.tensor([[-100] * len(prompt) + answer])
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-2)
    for _ in range(120):
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    return out


def in_bfloat16(base: Path, out: Path) -> Path:
    """A copy of ``base`` that is saved in bfloat16, as most models are."""
    AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16).save_pretrained(shutil.copytree(base, out))
    return out


@pytest.fixture
def computed() -> Iterator[set[torch.dtype]]:
    """The types that linear layers compute in, in this process and from here on."""
    found: set[torch.dtype] = set()

    def note(module: torch.nn.Module, _: object, output: torch.Tensor) -> None:
        if isinstance(module, torch.nn.Linear):
            found.add(output.dtype)

    hook = torch.nn.modules.module.register_module_forward_hook(note)
    yield found
    hook.remove()


@pytest.fixture(scope="session")
def base_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of ``make_base``; not to be written to."""
    return make_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def adapter_dir(base_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of ``make_adapter``; not to be written to."""
    return make_adapter(base_dir, tmp_path_factory.mktemp("adapter"))


@pytest.fixture(scope="session")
def trained(base: Path, dataset: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of a real run over the 150 records; not to be written to.

    What the process imported lies beside it, in ``imports.txt``.
    """
    config = ROOT / "finetune" / "configs" / "tiny.yaml"
    out = tmp_path_factory.mktemp("trained") / "out"
    changes = [
        f"model.base={base}",
        f"data.dataset={dataset}",
        "data.config=null",
        "data.validation=20",
        f"output={out}",
    ]
    command = [sys.executable, "-X", "importtime", "-m", "finetune.train", "--config", str(config)]
    run = subprocess.run(
        [*command, *(part for change in changes for part in ("--set", change))],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    (out.parent / "imports.txt").write_text(run.stderr, encoding="utf-8")
    return out
