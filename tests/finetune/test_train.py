"""The whole run: the same training however it is shared out or packed, stopped or not; and what it refuses to start."""

from __future__ import annotations

import json
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import yaml
from peft import PeftModel
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from transformers import AutoModelForCausalLM, AutoTokenizer, trainer

from finetune import checkpoints, config, data, pickles, prompts, train, training
from tests.finetune import liger, ranks, tracker

ZERO = sorted((Path(config.__file__).parent / "configs").glob("zero*.json"))
ADAPTER = "adapter_model.safetensors"
STEPS = 8  # 130 records in steps of 40, twice: 40, 40, 40, 10, and again
LAUNCHER = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
BASE_SETTINGS = {
    "lora": {"dropout": 0.0},
    "data": {"validation": 20},
    "training": {
        "epochs": 2,
        "learning_rate": 1e-3,
        "global_batch": 40,
        "per_device_batch": 10,
        "deepspeed": None,
        "log_every": 1,
        "evaluate_every": 3,
        "save_every": 3,
    },
}


def write_config(folder: Path, base: Path, dataset: str, output: str, **sections: dict) -> str:
    """Write a config that differs from ``BASE_SETTINGS`` in the given sections, for ``folder/output``; its path."""
    content = {"model": {"base": str(base), "dtype": "float32"}, "output": str(folder / output)}
    for name, values in BASE_SETTINGS.items():
        content[name] = values | ({"dataset": dataset} if name == "data" else {})
    for name, values in sections.items():
        content[name] = content[name] | values
    for file in ZERO:
        shutil.copy(file, folder)
    path = folder / f"{output}.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return str(path)


def stop(output: Path) -> None:
    """Make a finished run one that was stopped after the checkpoint before the last."""
    for left_over in (checkpoints.RUN, ADAPTER):
        (output / left_over).unlink()
    shutil.rmtree(output / f"checkpoint-{STEPS}")


@pytest.fixture
def write(base, dataset, tmp_path):
    """``write_config`` into this test's own folder."""

    def write(output: str = "out", **sections: dict) -> str:
        return write_config(tmp_path, base, dataset, output, **sections)

    return write


def here(path: str) -> dict:
    """Train in this process; what ``run.json`` holds."""
    return train.train(config.load(path))


def launcher_free() -> dict[str, str]:
    """The environment without what a run in this process has left in it."""
    return {name: value for name, value in os.environ.items() if name not in LAUNCHER} | {"CUDA_VISIBLE_DEVICES": ""}


def bare(path: str) -> list[str]:
    """The command for a process of its own, without a launcher."""
    return [sys.executable, "-m", "finetune.train", "--config", path]


def torchrun(path: str, processes: int) -> list[str]:
    """The command for so many processes on this machine."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    return [sys.executable, *launcher, *bare(path)[1:]]


def two_processes(path: str) -> subprocess.CompletedProcess[str]:
    """Train in two processes, as torchrun starts them, but at once."""
    return ranks.run(["--config", path], 2, launcher_free())


def history(output: Path, steps: int = STEPS) -> list[dict]:
    """What was logged, as the checkpoint after so many steps has it."""
    return json.loads((output / f"checkpoint-{steps}" / "trainer_state.json").read_text())["log_history"]


def curve(output: Path) -> list[tuple[float, float]]:
    """(training loss, gradient norm) of each step, then (validation loss, 0), as the last checkpoint has them."""
    return [(entry.get("loss", entry.get("eval_loss")), entry.get("grad_norm", 0.0)) for entry in history(output)]


def rates(log: list[dict]) -> list[float]:
    """The learning rate of each step."""
    return [entry["learning_rate"] for entry in log if "learning_rate" in entry]


def weights(output: Path) -> dict[str, torch.Tensor]:
    return load_file(output / ADAPTER)


@pytest.fixture(scope="module")
def reference(base, dataset, tmp_path_factory) -> tuple[Path, dict]:
    """The output folder and report of a run without DeepSpeed, one process, packed; not to be written to."""
    folder = tmp_path_factory.mktemp("reference")
    with pytest.MonkeyPatch.context() as patch:
        for name in LAUNCHER:
            patch.delenv(name, raising=False)
        report = here(write_config(folder, base, dataset, "reference"))
    for name in LAUNCHER:
        os.environ.pop(name, None)
    return folder / "reference", report


def assert_same_run(output: Path, reference: Path) -> None:
    for found, expected in zip(curve(output), curve(reference), strict=True):
        assert found == pytest.approx(expected, rel=1e-5)
    for name, expected in weights(reference).items():
        apart = (weights(output)[name] - expected).abs()
        assert apart.median() < 1e-8 and apart.max() < 1e-5, (name, apart.median(), apart.max())


def assert_float32(output: Path) -> None:
    """The adapter is in float32, and not of numbers that bfloat16 has too."""
    saved = weights(output).values()
    assert {weight.dtype for weight in saved} == {torch.float32}
    assert any((weight != weight.bfloat16().float()).any() for weight in saved)


def test_zero_2_is_the_same_run_with_one_process_and_with_two(write, tmp_path, reference):
    """... and the two go on from a checkpoint to the very same bytes, and refuse to go on as one."""
    here(write("one", training={"deepspeed": "zero2.json"}))
    assert_same_run(tmp_path / "one", reference[0])
    path = write("two", training={"deepspeed": "zero2.json", "processes": 2})
    done = subprocess.run(torchrun(path, 2), env=launcher_free(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    output = tmp_path / "two"
    assert_same_run(output, reference[0])
    report = json.loads((output / checkpoints.RUN).read_text(), parse_constant=pytest.fail)  # no Infinity
    assert report["batch"] == {"per_device": 10, "accumulation": 2, "processes": 2, "records": 40}
    assert report["deepspeed"]["zero_optimization"]["stage"] == 2
    assert report["eval_loss"] == pytest.approx(reference[1]["eval_loss"], rel=1e-5)
    assert "batch    40 records = 10 x 2 accumulated x 2 processes, packed" in done.stdout

    finished = (output / ADAPTER).read_bytes()
    stop(output)
    with pytest.raises(
        checkpoints.CheckpointError, match="checkpoint-6 was written by 2 processes, and this run has 1."
    ):
        here(write("two", training={"deepspeed": "zero2.json"}))
    done = two_processes(path)
    assert done.returncode == 0, done.stderr
    assert f"going on from {output / 'checkpoint-6'}" in done.stdout
    assert (output / ADAPTER).read_bytes() == finished


def test_zero_3_is_the_same_run_and_goes_on_from_a_checkpoint(write, tmp_path, reference):
    """Two processes hold half of the base each; the adapter they leave is whole."""
    path = write("three", training={"deepspeed": "zero3.json", "processes": 2})
    done = two_processes(path)
    assert done.returncode == 0, done.stderr
    output = tmp_path / "three"
    assert_same_run(output, reference[0])
    report = json.loads((output / checkpoints.RUN).read_text())
    assert report["deepspeed"]["zero_optimization"]["stage"] == 3
    assert report["validation"]["records"] == 20
    assert report["parameters"] == reference[1]["parameters"]
    assert report["eval_loss"] == pytest.approx(reference[1]["eval_loss"], rel=1e-5)
    finished = (output / ADAPTER).read_bytes()
    stop(output)
    done = two_processes(path)
    assert f"going on from {output / 'checkpoint-6'}" in done.stdout, done.stderr
    assert (output / ADAPTER).read_bytes() == finished


def test_a_step_of_rows_is_a_number_of_tokens(write, tmp_path, capsys):
    """130 records of some 60 tokens fill rows of 256: each step takes 8 of them, and the last the rest."""
    report = here(write("rows", training={"batching": "rows", "global_batch": 8, "per_device_batch": 4}))
    assert "batch    8 rows = 4 x 2 accumulated x 1 processes, rows" in (printed := capsys.readouterr().out)
    assert "rows/s" in printed
    assert report["loss"]["last"] < report["loss"]["first"]
    assert report["data"]["train"] == 130 and report["validation"]["records"] == 20
    longest = report["data"]["tokens"] + 130
    assert 2 * longest / (8 * 256) <= report["steps"] <= 2 * (longest / (8 * 256) * 1.1 + 1)
    assert "| rows a step | 8 = 4 x 2 accumulated x 1 processes |" in (tmp_path / "rows" / "README.md").read_text()


def test_compiled_is_the_same_run(write, tmp_path):
    """Without validation, and in rows, which all have one shape: each further graph would take its time to compile."""
    if not shutil.which("g++"):
        pytest.skip("there is no C++ compiler")
    rows = {"max_steps": 2, "batching": "rows", "global_batch": 8, "per_device_batch": 4}
    losses = {}
    for choice in (False, True):
        here(write(f"compiled-{choice}", model={"compile": choice}, data={"validation": 0}, training=rows))
        log = history(tmp_path / f"compiled-{choice}", 2)
        losses[choice] = [(entry["loss"], entry["grad_norm"]) for entry in log if "loss" in entry]
    assert len(losses[True]) == 2
    for compiled, plain in zip(losses[True], losses[False], strict=True):
        assert compiled == pytest.approx(plain, rel=1e-4)
    assert set(weights(tmp_path / "compiled-True")) == set(weights(tmp_path / "compiled-False"))


@pytest.mark.parametrize("batching", ["dynamic", "padded"])
def test_packed_and_padded_are_the_same_run(write, tmp_path, reference, batching):
    report = here(write(batching, training={"batching": batching}))
    assert_same_run(tmp_path / batching, reference[0])
    assert report["eval_loss"] == pytest.approx(reference[1]["eval_loss"], rel=1e-5)


def test_what_a_run_leaves_behind(reference, base, dataset, tokenizer):
    output, report = reference
    assert json.loads((output / checkpoints.RUN).read_text(), parse_constant=pytest.fail) == report
    assert report["status"] == "complete"
    assert report["steps"] == STEPS
    assert report["config"]["training"]["learning_rate"] == 1e-3
    assert report["data"]["records"] == 150
    assert (report["data"]["train"], report["data"]["validation"], report["data"]["cut"]) == (130, 20, 0)
    assert [source["license"] for source in report["data"]["sources"]] == ["CC0-1.0", "CC0-1.0"]
    assert report["batch"] == {"per_device": 10, "accumulation": 4, "processes": 1, "records": 40}
    assert report["parameters"]["trainable"] == 2 * 2 * 4 * (64 + 64)
    assert report["deepspeed"] is None
    assert report["versions"]["torch"] == torch.__version__
    assert config.TrainConfig.model_validate(yaml.safe_load((output / checkpoints.CONFIG).read_text())).output == str(
        output
    )
    assert report["loss"]["last"] < report["loss"]["first"]
    assert rates(history(output)) == pytest.approx([1e-3 * left / STEPS for left in range(STEPS, 0, -1)])
    assert math.isfinite(report["eval_loss"])
    assert (output / "loss.png").read_bytes().startswith(b"\x89PNG")
    events = EventAccumulator(str(output / "tensorboard")).Reload()
    assert len(events.Scalars("train/loss")) == STEPS
    kept = sorted(folder.name for folder in output.glob("checkpoint-*"))
    assert kept == ["checkpoint-6", "checkpoint-8"]
    assert [checkpoints.damage(output / name) for name in kept] == [None, None]
    modes = {path.stat().st_mode & 0o777 for path in output.rglob("*") if path.is_file()}
    assert modes == {(output / "loss.png").stat().st_mode & 0o777}  # as the umask says


def test_the_validation_losses_are_nats_per_token_of_plain_peft(reference, base, dataset, tokenizer):
    output, report = reference
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), output)
    held_out = data.prepare(config.Data(dataset=dataset, validation=20), tokenizer).validation
    sums: dict[str, list[float]] = {}
    with torch.inference_mode():
        for row in held_out:
            ids = torch.tensor(row["input_ids"])
            nats = torch.nn.functional.cross_entropy(model(ids[None]).logits[0, :-1], ids[1:], reduction="none")
            response = nats[row["prompt"] - 1 :]
            for name in ("all", row["source"]):
                parts = (nats.sum().item(), len(nats), response.sum().item(), len(response))
                sums[name] = [a + b for a, b in zip(sums.get(name, [0] * 4), parts, strict=True)]
    found = {"all": report["validation"], **report["validation"]["by_source"]}
    assert set(found) == set(sums) == {"all", "sample-a", "sample-b"}
    for name, (nats, tokens, response_nats, response_tokens) in sums.items():
        assert found[name]["loss"] == pytest.approx(nats / tokens, rel=1e-5)
        assert found[name]["response_loss"] == pytest.approx(response_nats / response_tokens, rel=1e-5)
    assert report["eval_loss"] == report["validation"]["loss"]
    assert report["validation"]["records"] == 20


def test_the_tokenizer_carries_the_prompt_that_was_trained(reference, tokenizer):
    saved = AutoTokenizer.from_pretrained(reference[0])
    asked = saved.apply_chat_template([{"role": "user", "content": "駅はどこ？"}], add_generation_prompt=True)
    assert asked["input_ids"] == tokenizer(prompts.format_prompt("駅はどこ？"))["input_ids"]


def children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_a_killed_run_ends_in_the_same_bytes(write, tmp_path, capsys):
    """Its launcher is killed after the first checkpoint, and takes the worker along.

    A newer checkpoint was begun, and one has a flipped bit: dropout and order go on as if nothing had been.
    """
    changes = {"lora": {"dropout": 0.1}, "training": {"deepspeed": "zero2.json", "epochs": 4, "evaluate_every": 2}}
    here(write("whole", **changes))
    path = write("killed", **changes)
    output = tmp_path / "killed"
    process = subprocess.Popen(
        torchrun(path, 1), env=launcher_free(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not (output / "checkpoint-3" / checkpoints.MARK).exists() and process.poll() is None:
        time.sleep(0.005)
    (worker,) = children(process.pid)
    with pytest.raises(checkpoints.CheckpointError, match=f"^another run writes to {output}\n"):
        here(path)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    while Path(f"/proc/{worker}").exists():  # for ever, if it lived on
        time.sleep(0.01)
    newest, _ = checkpoints.last_complete(output, 1)
    for name in ("checkpoint-15", "checkpoint-14"):
        shutil.copytree(newest, output / name)
    (output / "checkpoint-15" / checkpoints.MARK).unlink()
    state = output / "checkpoint-14" / "scheduler.pt"
    state.write_bytes(state.read_bytes()[:-1] + b"!")
    capsys.readouterr()
    here(path)
    printed = capsys.readouterr().out
    assert f"{output / 'checkpoint-15'} was left incomplete and is removed" in printed
    assert f"{output / 'checkpoint-14'} is damaged (scheduler.pt) and is removed" in printed
    assert f"going on from {newest}" in printed
    assert (output / ADAPTER).read_bytes() == (tmp_path / "whole" / ADAPTER).read_bytes()


def test_a_stopped_run_does_not_go_on_with_another_config(write, tmp_path, reference):
    output = tmp_path / "reference"
    output.mkdir()
    shutil.copy(reference[0] / checkpoints.CONFIG, output)
    with pytest.raises(config.ConfigError) as error:
        here(write("reference", training={"learning_rate": 1e-2, "log_every": 5}, lora={"r": 8}))
    assert str(error.value) == (
        f"{output} holds a run of another config:\n"
        "  lora.r was 4 and is 8 now\n"
        "  training.learning_rate was 0.001 and is 0.01 now\n"
        "Next step: set these back to go on with it, or give another output folder."
    )


def test_a_finished_run_is_not_overwritten(write, tmp_path):
    output = tmp_path / "reference"
    output.mkdir()
    (output / checkpoints.RUN).write_text("{}")
    with pytest.raises(checkpoints.CheckpointError) as error:
        here(write("reference"))
    assert str(error.value) == (
        f"{output} holds a finished run.\nNext step: give another output folder, or remove this one to train anew."
    )


def test_an_output_that_is_a_file(write, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(checkpoints.CheckpointError) as error:
        here(write("taken"))
    assert str(error.value) == (
        f"{tmp_path / 'taken'} is not a folder that you may write to.\nNext step: give another output folder."
    )


def test_a_full_disk_is_explained_and_the_run_goes_on_once_there_is_room(write, tmp_path):
    """A real file system of 208 kB: room for one checkpoint, and not for two."""
    output = tmp_path / "small-disk"
    output.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=208k", "tmpfs", str(output)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user cannot mount a file system")
    try:
        path = write("small-disk", lora={"dropout": 0.1})
        with pytest.raises(checkpoints.CheckpointError) as error:
            here(path)
        message = str(error.value)
        assert message.startswith(f"{output} cannot be written to: ")
        assert "0.0 MB free there" in message
        assert message.endswith("make room, then give the same command again; it goes on from checkpoint-3.")
        subprocess.run(["mount", "-o", "remount,size=20m", str(output)], check=True)
        assert here(path)["steps"] == STEPS
    finally:
        subprocess.run(["umount", "--lazy", str(output)], check=True)


def test_a_file_that_cannot_grow_ends_the_command_with_the_reason(write, tmp_path, dataset, base):
    """The kernel refuses files over 12 kB, as a quota would, wherever the tests may run."""
    path = write("limited")
    data.prepare(
        config.Data(dataset=dataset, validation=20), training.models.load_tokenizer(base)
    )  # cached before the limit
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))  # noqa: E731
    done = subprocess.run(
        bare(path), env=launcher_free(), capture_output=True, text=True, check=False, preexec_fn=limit
    )
    assert done.returncode == 1
    assert f"error: {tmp_path / 'limited'} cannot be written to: " in done.stderr
    assert "give the same command again; it starts from the beginning." in done.stderr
    assert "Traceback" not in done.stderr


def test_all_the_variants_together_train(write, tmp_path, monkeypatch):
    """bfloat16, DoRA, rsLoRA, recomputed layers, loss on the response alone, other layers.

    The gradients of micro-batches are summed in float32, and the adapter is saved in it.
    """
    summed_in = []
    save = training.trainer.RecipeTrainer.save_adapter

    def look(loop):
        summed_in.append(loop.deepspeed.optimizer.gradient_accumulation_dtype)
        save(loop)

    monkeypatch.setattr(training.trainer.RecipeTrainer, "save_adapter", look)
    report = here(
        write(
            "variants",
            model={"dtype": "bfloat16", "gradient_checkpointing": True},
            lora={"dora": True, "rslora": True, "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"]},
            data={"train_on_inputs": False},
            training={"deepspeed": "zero2.json", "warmup_steps": 2, "learning_rate": 1e-2},
        )
    )
    validated = [loss for loss, norm in curve(tmp_path / "variants") if not norm]
    assert validated == sorted(validated, reverse=True) and validated[-1] < validated[0] - 0.01
    falling = [1e-2 * left / (STEPS - 2) for left in range(STEPS - 2, 0, -1)]
    assert rates(history(tmp_path / "variants")) == pytest.approx([0, 5e-3, *falling])
    assert summed_in == [torch.float32]
    assert_float32(tmp_path / "variants")
    assert report["data"]["tokens"] == report["data"]["response_tokens"]
    assert report["eval_loss"] == report["validation"]["response_loss"]
    checkpoint = tmp_path / "variants" / f"checkpoint-{STEPS}"
    assert checkpoints.damage(checkpoint) is None
    loaded = [file for file in checkpoint.rglob("*") if file.suffix in pickles.SUFFIXES]
    called = {name for file in loaded for name in torch.serialization.get_unsafe_globals_in_checkpoint(str(file))}
    assert called == pickles.KNOWN_CODE  # ZeRO-2 calls the most


def test_the_best_adapter_of_a_run_that_gets_worse(write, tmp_path, reference):
    """LoRA+, NEFTune, cosine after a quarter of warm-up, at a rate that spoils what was learnt, with ZeRO-2."""
    training = {"learning_rate": 3e-2, "warmup_share": 0.25, "schedule": "cosine", "neftune_alpha": 5.0}
    kept = {"keep_best": True, "epochs": 1, "evaluate_every": 1, "save_every": 1, "deepspeed": "zero2.json"}
    report = here(write("best", lora={"plus_ratio": 16.0}, training=training | kept))
    output = tmp_path / "best"
    log = history(output, 4)
    losses = {entry["step"]: entry["eval_loss"] for entry in log if "eval_loss" in entry}
    best = min(losses, key=losses.get)
    assert best < 4 and report["best_checkpoint"] == f"checkpoint-{best}"
    assert report["eval_loss"] == pytest.approx(losses[best], rel=1e-6)
    saved = load_file(output / f"checkpoint-{best}" / ADAPTER)
    assert all(weight.equal(saved[name]) for name, weight in weights(output).items())
    assert log[0]["loss"] != pytest.approx(curve(reference[0])[0][0], rel=1e-3)  # of the base, with noise
    assert rates(log) == pytest.approx([0, *(0.015 * (1 + math.cos(math.pi * step / 3)) for step in range(3))])
    for part in ("LoRA+ (ratio 16.0)", "NEFTune (alpha 5.0)", "cosine to 0, 25.0% of the steps of warm-up"):
        assert part in (output / "README.md").read_text(encoding="utf-8")


def test_lora_plus_gives_the_second_matrix_a_higher_rate(write, monkeypatch):
    groups = []
    save = training.trainer.RecipeTrainer.save_adapter

    def look(loop):
        named = {weight: name for name, weight in loop.adapted.named_parameters()}
        for group in loop.optimizer.param_groups:
            groups.append((group["initial_lr"], {named[weight].split(".")[-3] for weight in group["params"]}))
        save(loop)

    monkeypatch.setattr(training.trainer.RecipeTrainer, "save_adapter", look)
    here(write("plus", lora={"plus_ratio": 16.0}, training={"epochs": 1}))
    rates = {name: rate for rate, names in groups for name in names}
    assert rates == {"lora_A": pytest.approx(1e-3), "lora_B": pytest.approx(16e-3)}


def test_a_reporter_that_is_not_installed(write, capsys):
    status, said = command(write(), "training.report_to=[trackio]", capsys=capsys)
    assert status == 1
    assert "training.report_to: trackio is not installed\nNext step: pip install trackio, or take it out." in said


@pytest.mark.parametrize(
    ("name", "modules"), [("trackio", [""]), ("wandb", ["", ".sdk", ".sdk.lib", ".sdk.lib.config_util"])]
)
def test_the_losses_go_to_the_trackers_that_were_asked_for(write, tmp_path, monkeypatch, name, modules):
    for module in modules:
        monkeypatch.setitem(sys.modules, name + module, tracker)
    monkeypatch.setattr(tracker, "run", None)
    here(write("tracked", training={"report_to": [name], "max_steps": 2, "evaluate_every": 2}))
    log = history(tmp_path / "tracked", 2)
    losses = [entry["loss"] for entry in log if "loss" in entry]
    assert [entry["train/loss"] for entry in tracker.logged if "train/loss" in entry] == losses
    validated = [entry for entry in tracker.logged if "eval/loss" in entry]
    assert [entry["eval/response_loss"] for entry in validated] == [log[-1]["eval_response_loss"]]
    assert not (tmp_path / "tracked" / "tensorboard").exists()


def test_four_bits_train(write, tmp_path):
    """As a command of its own, which keeps bitsandbytes out unless a base in 4 bits needs it."""
    pytest.importorskip("bitsandbytes")
    path = write("nf4", model={"quantize": "nf4"}, training={"deepspeed": "zero2.json"})
    done = subprocess.run(bare(path), env=launcher_free(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "nf4" / checkpoints.RUN).read_text())
    assert report["loss"]["last"] < report["loss"]["first"]


def test_recomputed_layers_are_the_same_run(write, tmp_path, reference):
    here(write("recomputed", model={"gradient_checkpointing": True}))
    assert_same_run(tmp_path / "recomputed", reference[0])


def test_liger_is_the_same_run(write, tmp_path, reference, monkeypatch):
    """... though it takes no mask of the positions whose logits are wanted."""
    monkeypatch.setattr(training.models, "check_kernels", lambda model: None)
    monkeypatch.setattr(trainer, "apply_liger_kernel", liger.apply)
    here(write("liger", model={"liger": True}))
    assert_same_run(tmp_path / "liger", reference[0])


def test_a_loss_that_is_no_number_ends_the_run(write):
    with pytest.raises(
        training.models.ModelError, match=r"^the loss at step \d is (nan|inf)\nNext step: lower training.learning_rate"
    ):
        here(write("diverged", training={"learning_rate": 1e30}))


def test_a_run_shorter_than_the_pause_between_logs_has_a_loss(write):
    report = here(write(training={"log_every": 1000, "epochs": 1}))
    assert report["steps"] == 4 and math.isfinite(report["loss"]["last"])


def test_zero_3_in_bfloat16_without_validation_at_a_constant_rate(write, tmp_path):
    schedule = {"schedule": "constant", "warmup_steps": 2, "deepspeed": "zero3.json", "processes": 2}
    large = {"r": 16}  # a matrix of no more than ten times the hidden size is not shared out
    path = write("blind", model={"dtype": "bfloat16"}, lora=large, data={"validation": 0}, training=schedule)
    done = two_processes(path)
    assert done.returncode == 0, done.stderr
    output = tmp_path / "blind"
    assert_float32(output)
    assert json.loads((output / checkpoints.RUN).read_text())["eval_loss"] is None
    assert rates(history(output)) == pytest.approx([0, 5e-4, *[1e-3] * (STEPS - 2)])


def command(path: str, *changes: str, capsys) -> tuple[int, str]:
    """Exit status and stderr of the command in this process."""
    settings = [argument for change in changes for argument in ("--set", change)]
    status = train.main(["--config", path, *settings])
    return status, capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("training.learningrate=1", "  training.learningrate: unknown key; did you mean training.learning_rate?\n"),
        ("training.per_device_batch=7", "1 x 7 records at once do not add up to 40 a step.\n"),
        ("training.processes=2", "training.processes is 2, but 1 started.\n"),
        ("model.base=/gone/model", "there is no directory /gone/model\n"),
        ("data.dataset=gone.jsonl", "there is no dataset gone.jsonl: "),
        ("data.validation=150", "150 records cannot be kept for validation: the dataset holds 150\n"),
        ("lora.target_modules=[query]", "no adapter can be put on query: "),
        ("data.prompt=chat_template", "has no chat template\nNext step: set data.prompt: alpaca."),
        ("model.liger=true", "model.liger: Liger's kernels are Triton programs, which run on a GPU alone"),
    ],
)
def test_what_cannot_work_is_said_in_one_message_without_a_traceback(write, capsys, tmp_path, change, message):
    status, said = command(write(), change, capsys=capsys)
    assert status == 1
    assert "error: " in said
    assert message in said
    assert "\nNext step: " in said
    assert "Traceback" not in said
    assert not (tmp_path / "out" / checkpoints.CONFIG).exists()


def test_too_little_memory_is_known_before_a_record_is_read(write, capsys, monkeypatch):
    monkeypatch.setattr(training.memory, "available", lambda: (1_000_000, "GPU 0 (tiny)"))
    status, said = command(write(), "data.dataset=gone.jsonl", capsys=capsys)
    assert status == 1
    assert "GPU 0 (tiny) has 1.0 MiB.\n" in said


def test_other_processes_of_the_machine_stay_silent(write, capsys, monkeypatch):
    for name, value in {"RANK": "1", "LOCAL_RANK": "1", "WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    assert command(write(), "training.processes=3", capsys=capsys) == (1, "")


def test_the_deepspeed_launchers_argument_is_accepted(write, capsys):
    assert train.main(["--config", write(), "--local_rank=0", "--set", "training.processes=2"]) == 1
    assert "training.processes is 2, but 1 started." in capsys.readouterr().err
