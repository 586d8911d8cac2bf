"""A config is read with types, or refused with one line for each key that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from finetune import config
from finetune.errors import ConfigError

CONFIGS = Path(config.__file__).parent / "configs"
SMALLEST = "model: {base: m}\ndata: {dataset: d}\ntraining: {deepspeed: null}\noutput: o\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "run.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path, changes=()) -> str:
    with pytest.raises(ConfigError) as error:
        config.load(path, changes)
    return str(error.value)


def test_llama_13b_holds_the_papers_values():
    run = config.load(CONFIGS / "llama-13b.yaml")
    assert (run.lora.r, run.lora.alpha, run.lora.dropout) == (4, 16, 0.05)
    assert run.lora.target_modules == ("q_proj", "v_proj")
    assert (run.training.learning_rate, run.training.epochs, run.training.global_batch) == (3e-4, 1, 130)
    assert (run.data.max_tokens, run.data.validation, run.data.train_on_inputs) == (256, 2000, True)
    assert run.training.seed == 42


def test_every_value_of_todays_practice_names_its_source():
    lines = (CONFIGS / "modern.yaml").read_text(encoding="utf-8").splitlines()
    values = [line for line in lines if not line.lstrip().startswith("#") and not line.endswith(":")]
    assert len(values) > 25 and [line for line in values if "  # " not in line] == []


@pytest.mark.parametrize("name", sorted(path.name for path in CONFIGS.glob("*.yaml")))
def test_shipped_configs_use_zero_2(name):
    run = config.load(CONFIGS / name)
    assert run.training.deepspeed == str(CONFIGS / "zero2.json")


def test_what_is_left_out_has_the_papers_values(tmp_path):
    run = config.load(write(tmp_path, SMALLEST))
    paper = config.load(CONFIGS / "llama-13b.yaml")
    assert run.lora == paper.lora
    assert run.training.learning_rate == paper.training.learning_rate
    assert run.data.max_tokens == paper.data.max_tokens


def test_unknown_wrong_and_missing_keys_are_named_with_the_nearest_key(tmp_path):
    path = write(
        tmp_path,
        "model: {base: m, quantise: nf4}\n"
        "data: {dataset: d, max_tokens: 2}\n"
        "training: {learning_rat: 3.0e-4, epochs: many, r: 4, batching: packing, zzzzzz: 1}\n"
        "lora: {dropout: .nan}\n"
        "modell: {base: m}\n",
    )
    assert refusal(path) == (
        f"{path} cannot be used:\n"
        "  model.quantise: unknown key; did you mean model.quantize?\n"
        "  lora.dropout: nan: input should be a finite number\n"
        "  data.max_tokens: 2: input should be greater than or equal to 8\n"
        "  training.epochs: 'many': input should be a valid number, unable to parse string as a number\n"
        "  training.batching: 'packing': input should be 'packed', 'dynamic', 'padded' or 'rows'\n"
        "  training.learning_rat: unknown key; did you mean training.learning_rate?\n"
        "  training.r: unknown key; did you mean lora.r?\n"
        "  training.zzzzzz: unknown key; there are epochs, max_steps, learning_rate, warmup_steps, warmup_share, "
        "schedule, neftune_alpha, keep_best, report_to, global_batch, per_device_batch, processes, batching, "
        "deepspeed, seed, log_every, evaluate_every, save_every, keep_checkpoints\n"
        "  output: missing\n"
        "  modell: unknown key; did you mean model?\n"
        "Next step: correct these keys."
    )


def test_a_number_as_yaml_1_1_misreads_it_is_a_number(tmp_path):
    path = write(tmp_path, SMALLEST.replace("training: {", "training: {learning_rate: 3e-4, "))
    assert config.load(path).training.learning_rate == 3e-4


def test_changes_of_single_keys(tmp_path):
    path = write(tmp_path, SMALLEST)
    run = config.load(path, ["training.learning_rate=1e-3", "lora.target_modules=[q_proj]", "output=elsewhere"])
    assert (run.training.learning_rate, run.lora.target_modules, run.output) == (1e-3, ("q_proj",), "elsewhere")


@pytest.mark.parametrize("change", ["training.epochs", "output.folder=x", "training.epochs.first=1"])
def test_a_change_that_is_not_understood(tmp_path, change):
    path = write(tmp_path, SMALLEST + "lora: {r: 4}\n")
    path.write_text(path.read_text().replace("deepspeed: null", "deepspeed: null, epochs: 1"), encoding="utf-8")
    assert (
        refusal(path, [change]) == f"--set {change} is not understood\nNext step: write it as --set training.epochs=2."
    )


def test_a_change_of_an_unknown_key(tmp_path):
    path = write(tmp_path, SMALLEST)
    assert "  training.epoch: unknown key; did you mean training.epochs?\n" in refusal(path, ["training.epoch=2"])


def test_missing_file(tmp_path):
    path = tmp_path / "gone.yaml"
    assert refusal(path) == (
        f"there is no config file {path}\nNext step: start from finetune/configs/llama-13b.yaml or tiny.yaml."
    )


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words"])
def test_a_file_without_keys(tmp_path, text):
    path = write(tmp_path, text)
    assert refusal(path) == f"{path} holds no keys\nNext step: see finetune/configs/ for the form."


def test_a_file_that_is_not_yaml_is_refused_with_the_place(tmp_path):
    path = write(tmp_path, "model: {base: m\ndata: x\n")
    message = refusal(path)
    assert message.startswith(f"{path} cannot be read: ")
    assert "line 2" in message
    assert message.endswith("\nNext step: see finetune/configs/ for the form.")


def test_deepspeeds_config_is_looked_for_beside_the_file(tmp_path):
    path = write(tmp_path, SMALLEST.replace("null", "zero2.json"))
    assert refusal(path) == (
        f"{path} cannot be used:\n  training.deepspeed: there is no file {tmp_path / 'zero2.json'}\n"
        "Next step: copy zero2.json beside the config, or set training.deepspeed: null to train without DeepSpeed."
    )
    (tmp_path / "zero2.json").write_text("{}", encoding="utf-8")
    assert config.load(path).training.deepspeed == str(tmp_path / "zero2.json")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("model.quantize=nf4", "model.quantize: nf4 (bitsandbytes packs whole matrices)"),
        ("lora.plus_ratio=16", "lora.plus_ratio (PEFT tells the two matrices by their shapes)"),
        ("lora={init: pissa, dropout: 0}", "lora.init: pissa (it is computed from whole weights)"),
    ],
)
def test_what_needs_whole_weights_does_not_go_with_zero_3(tmp_path, change, reason):
    path = write(tmp_path, SMALLEST.replace("null", "zero3.json"))
    (tmp_path / "zero3.json").write_text('{"zero_optimization": {"stage": 3}}', encoding="utf-8")
    assert config.load(path).training.zero_stage == 3
    assert f"  training.deepspeed: ZeRO-3 does not go with {reason}\nNext step: " in refusal(path, [change])


@pytest.mark.parametrize("text", ["{", "[]", '{"zero_optimization": 3}', "\xff"])
def test_a_config_of_deepspeed_that_cannot_be_read(tmp_path, text):
    path = write(tmp_path, SMALLEST.replace("null", "zero.json"))
    (tmp_path / "zero.json").write_text(text, encoding="latin-1")
    assert f"  training.deepspeed: {tmp_path / 'zero.json'} cannot be read: " in refusal(path)


@pytest.mark.parametrize(
    "text",
    [
        b"model: \xff\xfe",
        b"model: \x00",
        b"data: 2026-99-99",
        b"data: {a: !!python/object:os.system {}}",
        b"? [a, b]\n: {c: d}\n? {e: f}\n: g",
        b"a: " + b"[" * 5000,
        b"a: " + b"9" * 5000,
        b"a: *nowhere",
        b"a: !!bool maybe",
        b"a: !!timestamp soon",
        b"a: " + b"59:" * 400 + b"59.5",
    ],
)
def test_a_file_that_yaml_cannot_read(tmp_path, text):
    path = tmp_path / "run.yaml"
    path.write_bytes(text)
    message = refusal(path)
    assert message.startswith(f"{path} cannot be ")
    assert "\nNext step: " in message


def test_a_value_that_holds_itself(tmp_path):
    assert "Next step: " in refusal(write(tmp_path, SMALLEST + "lora: &a {r: 4, alpha: *a}\n"))


@pytest.mark.parametrize("change", ["training.epochs=[", "training.epochs=2026-99-99", "training.epochs=*a"])
def test_a_change_whose_value_yaml_cannot_read(tmp_path, change):
    message = refusal(write(tmp_path, SMALLEST), [change])
    assert message.startswith(f"--set {change} is not understood: ")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("training.global_batch=100000000000000000000000", "less than or equal to 1000000"),
        ("lora.r=1000000", "less than or equal to 4096"),
        ("training.seed=4294967296", "less than 4294967296"),
        ("training.epochs=1e300", "less than or equal to 10000"),
        ("data.workers=1000000", "less than or equal to 1024"),
    ],
)
def test_absurd_numbers_are_refused_at_once(tmp_path, change, reason):
    assert f"input should be {reason}" in refusal(write(tmp_path, SMALLEST), [change])


@pytest.mark.parametrize("value", ["all-linear", "[all-linear]"])
def test_all_linear_layers_by_one_word(tmp_path, value):
    run = config.load(write(tmp_path, SMALLEST), [f"lora.target_modules={value}"])
    assert run.lora.target_modules == ("all-linear",)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            ["training.warmup_steps=1", "training.warmup_share=0.1"],
            "training: give either warmup_steps or warmup_share",
        ),
        (
            ["training.keep_best=true", "training.save_every=10", "training.evaluate_every=4"],
            "training: keep_best needs a save_every that is a multiple of evaluate_every",
        ),
        (["lora.init=pissa"], "lora: init: pissa needs dropout: 0, which else drops parts of the base itself"),
        (["lora.init=orthogonal", "lora.r=3"], "lora: init: orthogonal needs an even r"),
        (
            ["lora={init: olora, dropout: 0, dora: true}"],
            "lora: init: olora does not go with dora, whose adapter cannot become plain LoRA",
        ),
        (
            ["lora={init: pissa, dropout: 0}", "model.quantize=nf4"],
            "lora.init: pissa changes the base's weights: set model.quantize: none",
        ),
        (
            ["data.streaming=true", "data.limit=5"],
            "data: streaming does not go with limit, which needs the whole dataset first",
        ),
        (
            ["data.streaming=true", "data.split=record"],
            "data: streaming does not go with split: record, which needs the whole dataset first",
        ),
        (
            ["model.attention=sdpa_varlen", "training.batching=padded"],
            "model.attention: sdpa_varlen needs training.batching: packed or rows",
        ),
        (
            ["training.keep_best=true", "data.validation=0"],
            "training.keep_best needs validation records: data.validation is 0",
        ),
    ],
)
def test_keys_that_do_not_go_together(tmp_path, changes, reason):
    assert f"  {reason}\n" in refusal(write(tmp_path, SMALLEST), changes)


def test_a_mixture(tmp_path):
    path = write(tmp_path, SMALLEST.replace("dataset: d", "dataset: d, limit: 50, mixture: {a: {weight: 2}}"))
    assert config.load(path).data.mixture == {"a": config.Share(weight=2)}
    assert "  data: weights in a mixture need a limit above" in refusal(path, ["data.limit=null"])


def test_a_loaded_config_is_fixed(tmp_path):
    run = config.load(write(tmp_path, SMALLEST))
    with pytest.raises(ValidationError, match="frozen"):
        run.training.epochs = 2
