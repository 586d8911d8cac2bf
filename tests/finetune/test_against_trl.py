"""The steps are those of TRL's SFTTrainer, which batches without padding in its own way."""

from __future__ import annotations

import json

import pytest
from datasets import Dataset
from peft import get_peft_model_state_dict
from safetensors.torch import load_file
from trl import SFTConfig, SFTTrainer

from finetune import config, data, epochs, models
from tests.finetune.test_train import ADAPTER, here, write_config

FOUR_STEPS = {"epochs": 1, "learning_rate": 1e-3}


def theirs(settings: config.TrainConfig, folder: str) -> SFTTrainer:
    """The same records in the same order, trained by TRL."""
    training, tokenizer = settings.training, models.load_tokenizer(settings.model.base)
    records = data.prepare(settings.data, tokenizer, seed=training.seed).train
    order = epochs.Epochs(records, training.global_batch, training.seed)
    rows = [order[place] for place in range(len(records))]
    arguments = SFTConfig(
        output_dir=folder,
        num_train_epochs=training.epochs,
        learning_rate=training.learning_rate,
        lr_scheduler_type="linear",
        weight_decay=0.0,
        per_device_train_batch_size=training.per_device_batch,
        gradient_accumulation_steps=training.global_batch // training.per_device_batch,
        padding_free=True,
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
        train_sampling_strategy="sequential",
        activation_checkpointing=False,
        bf16=False,
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    model = models.load_with_lora(settings.model, settings.lora, seed=training.seed)
    kept = [{name: row[name] for name in ("input_ids", "labels")} for row in rows]
    trainer = SFTTrainer(model=model, args=arguments, train_dataset=Dataset.from_list(kept), processing_class=tokenizer)
    trainer.train()
    return trainer


@pytest.mark.parametrize("whole", [True, False], ids=["prompt and response", "response"])
def test_losses_gradients_and_weights_are_trls(base, dataset, tmp_path, whole):
    path = write_config(
        tmp_path, base, dataset, "ours", data={"validation": 0, "train_on_inputs": whole}, training=FOUR_STEPS
    )
    here(path)
    trainer = theirs(config.load(path), str(tmp_path / "theirs"))
    log = json.loads((tmp_path / "ours" / "checkpoint-4" / "trainer_state.json").read_text())["log_history"]
    logged = [entry for entry in trainer.state.log_history if "loss" in entry]
    assert len(log) == len(logged) == 4
    for ours, other in zip(log, logged, strict=True):
        for key in ("loss", "grad_norm", "learning_rate"):
            assert ours[key] == pytest.approx(other[key], rel=1e-6), key
    expected = get_peft_model_state_dict(trainer.model)
    for name, weight in load_file(tmp_path / "ours" / ADAPTER).items():
        apart = (weight - expected[name]).abs()
        assert apart.median() < 1e-8 and apart.max() < 1e-5, (name, apart.max())
