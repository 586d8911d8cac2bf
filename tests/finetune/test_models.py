"""Bases and tokenizers load as LLaMA's do, or are refused before anything long starts; adapters are the recipe's."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import pytest
import sentencepiece
import torch
from tokenizers import Tokenizer, processors
from transformers import AutoModelForCausalLM, LlamaConfig

from finetune import config, models, tiny
from finetune.errors import ModelError

LLAMA_13B = LlamaConfig(
    vocab_size=32000, hidden_size=5120, intermediate_size=13824, num_hidden_layers=40, num_attention_heads=40
)
TEXT = "Below is a task.\n\n### Response:\n東京の三つの祭り。"


def refusal(function, *arguments, **options) -> str:
    with pytest.raises(ModelError) as error:
        function(*arguments, **options)
    return str(error.value)


@pytest.fixture(scope="module")
def sentencepiece_dir(tmp_path_factory, records) -> Path:
    """A directory with nothing but a ``tokenizer.model`` of LLaMA's kind: BPE with byte fallback and a dummy prefix."""
    folder = tmp_path_factory.mktemp("sentencepiece")
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(
            [row["output"] for row in records] + ["Below is a task that a response completes."] * 20
        ),
        model_prefix=str(folder / "tokenizer"),
        model_type="bpe",
        vocab_size=450,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        minloglevel=2,
    )
    (folder / "tokenizer.vocab").unlink()
    return folder


def test_a_lone_tokenizer_model_gives_sentencepieces_ids_after_bos(sentencepiece_dir):
    own = sentencepiece.SentencePieceProcessor(str(sentencepiece_dir / "tokenizer.model"))
    tokenizer = models.load_tokenizer(sentencepiece_dir)
    assert tokenizer(TEXT)["input_ids"] == [1, *own.encode(TEXT)]
    assert tokenizer.decode(own.encode(TEXT)) == TEXT
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.unk_token_id) == (1, 2, 0)


def test_a_tokenizer_model_with_llamas_configs_beside_it(sentencepiece_dir, base, tmp_path):
    """As in LLaMA 13B's conversions, whose tokenizer_config.json says nothing of BOS."""
    shutil.copytree(sentencepiece_dir, tmp_path, dirs_exist_ok=True)
    shutil.copy(base / "config.json", tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "LlamaTokenizer"}', encoding="utf-8")
    own = sentencepiece.SentencePieceProcessor(str(tmp_path / "tokenizer.model"))
    assert models.load_tokenizer(tmp_path)(TEXT)["input_ids"] == [1, *own.encode(TEXT)]


def test_llamas_own_tokenizer(llama_tokenizer_dir):
    own = sentencepiece.SentencePieceProcessor(str(llama_tokenizer_dir / "tokenizer.model"))
    tokenizer = models.load_tokenizer(llama_tokenizer_dir)
    assert tokenizer(TEXT)["input_ids"] == [1, *own.encode(TEXT)]
    assert tokenizer.convert_ids_to_tokens(tokenizer("猫")["input_ids"]) == ["<s>", "▁", "<0xE7>", "<0x8C>", "<0xAB>"]


def change_tokenizer(base: Path, folder: Path, **changes) -> Path:
    shutil.copytree(base, folder, dirs_exist_ok=True)
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps({key: value for key, value in settings.items() if value is not None}), encoding="utf-8")
    return folder


def test_a_tokenizer_without_eos(base, tmp_path):
    folder = change_tokenizer(base, tmp_path, eos_token=None)
    assert refusal(models.load_tokenizer, folder) == (
        f"the tokenizer of {folder} has no EOS token, so a tuned model would never stop\n"
        'Next step: name it in tokenizer_config.json, e.g. "eos_token": "</s>".'
    )


def post_process(base: Path, folder: Path, template: str) -> Path:
    """The tokenizer of ``base``, with another way to put BOS and EOS around a text."""
    shutil.copytree(base, folder, dirs_exist_ok=True)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    special = [("<s>", 1), ("</s>", 2)]
    tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=special)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def test_a_tokenizer_keeps_its_own_way_with_bos(base, tmp_path):
    """As SmolLM2's and Qwen's, which name a BOS token or none and put none in front."""
    own = models.load_tokenizer(post_process(base, tmp_path / "named", "$A"))
    assert own.bos_token == "<s>" and own("東京")["input_ids"][0] != 1
    nameless = models.load_tokenizer(change_tokenizer(tmp_path / "named", tmp_path / "nameless", bos_token=None))
    assert nameless.bos_token is None
    assert nameless("東京")["input_ids"] == own("東京")["input_ids"]


def test_a_tokenizer_that_ends_every_text(base, tmp_path):
    folder = post_process(base, tmp_path, "<s> $A </s>")
    assert refusal(models.load_tokenizer, folder) == (
        f"the tokenizer of {folder} puts EOS behind every text, so behind every prompt too\n"
        'Next step: set "add_eos_token": false in tokenizer_config.json.'
    )


@pytest.mark.parametrize("content", ["{}", "[1, 2]", '{"model": {"type": "Unknown"}}', "not JSON"])
def test_a_tokenizer_json_of_another_kind(base, tmp_path, content):
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    (tmp_path / "tokenizer.json").write_text(content)
    assert refusal(models.load_tokenizer, tmp_path).startswith(f"no tokenizer can be loaded from {tmp_path}: ")


@pytest.mark.parametrize("function", [models.load_tokenizer, models.load_config, models.load_base])
def test_a_directory_that_is_not_there(function, tmp_path):
    assert refusal(function, tmp_path / "gone") == (
        f"there is no directory {tmp_path / 'gone'}\n"
        "Next step: set model.base to a directory with a model in the Hugging Face layout."
    )


def test_a_directory_without_a_tokenizer(tmp_path):
    assert refusal(models.load_tokenizer, tmp_path) == (
        f"{tmp_path} holds no tokenizer\nNext step: put tokenizer.json or tokenizer.model of the model in it."
    )


def test_a_directory_without_a_model(tmp_path):
    assert refusal(models.load_config, tmp_path) == (
        f"{tmp_path} is not a model: config.json is missing\nNext step: give model.base the directory of one."
    )


def test_a_name_that_cannot_be_reached():
    message = refusal(models.load_config, "nobody/no-such-model")
    assert message.startswith("there is no model nobody/no-such-model: ")
    assert message.endswith(
        "\nNext step: set model.base to a directory with a model in the Hugging Face layout, or to a name on the Hub."
    )


def test_a_model_whose_weights_are_missing(base, tmp_path):
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    (tmp_path / "model.safetensors").unlink()
    message = refusal(models.load_base, tmp_path)
    assert message.startswith(f"the model {tmp_path} cannot be loaded: ")
    assert message.endswith("\nNext step: correct the section model of the config.")


def test_weights_that_are_cut_short(base, tmp_path):
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    assert refusal(models.load_base, tmp_path).startswith(f"the model {tmp_path} cannot be loaded: ")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_hidden_layers": 3}, "the weights of {} do not fit its config.json: model.layers.2."),
        ({"vocab_size": 400}, "the weights of {} do not fit its config.json: lm_head.weight and 1 more tensors "),
        (
            {"intermediate_size": 64},
            "the weights of {} do not fit its config.json: model.layers.0.mlp.down_proj.weight ",
        ),
        ({"hidden_size": "wide"}, "config.json of {} cannot be used: "),
        ({"num_hidden_layers": 10**9}, "config.json of {} asks for 1,000,000,000 layers\n"),
        ({"num_attention_heads": 7}, "config.json of {} cannot be used: "),
        ({"model_type": "unheard-of"}, "config.json of {} cannot be used: "),
    ],
)
def test_a_config_that_does_not_fit_the_weights(base, tmp_path, changes, message):
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    assert refusal(models.load_base, tmp_path).startswith(message.format(tmp_path))


def test_a_pickled_weights_file_is_not_run(base, tmp_path):
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    (tmp_path / "model.safetensors").unlink()
    trace = tmp_path / "it-was-run"
    code = f"cos\nsystem\n(S'touch {trace}'\ntR.".encode()
    pickle.loads(code)
    trace.unlink()  # so the code would leave it
    (tmp_path / "pytorch_model.bin").write_bytes(code)
    assert refusal(models.load_base, tmp_path).startswith(f"the model {tmp_path} cannot be loaded: ")
    assert not trace.exists()


def test_flash_attention_that_is_not_installed(base):
    message = refusal(models.load_base, base, attention="flash_attention_2")
    assert message.startswith(f"the model {base} cannot be loaded: ")
    assert "flash" in message.lower()


def test_kernels_that_cannot_run_here(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert refusal(models.check_kernels, config.Model(base="x", liger=True)).endswith(
        "PyTorch finds none here\nNext step: set model.liger: false."
    )
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert "there is no C++ compiler here" in refusal(models.check_kernels, config.Model(base="x", compile=True))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    models.check_kernels(config.Model(base="x", compile=True))
    monkeypatch.setattr(models.importlib.util, "find_spec", lambda name: None)
    assert refusal(models.check_kernels, config.Model(base="x", liger=True)) == (
        "model.liger: liger-kernel is not installed\nNext step: pip install -r requirements-gpu.txt."
    )


@pytest.mark.parametrize(("dtype", "expected"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)])
def test_type_of_the_base(base, dtype, expected):
    assert models.load_base(base, dtype=dtype).dtype == expected


def test_the_papers_adapter_on_llama_13b_has_3276800_parameters():
    with torch.device("meta"):
        model = models.add_lora(AutoModelForCausalLM.from_config(LLAMA_13B), config.Lora())
    assert models.trainable_parameters(model) == 3_276_800
    adapted = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert len(adapted) == 40 * 2 * 2
    assert all(".q_proj." in name or ".v_proj." in name for name in adapted)
    settings = model.peft_config["default"]
    assert (settings.r, settings.lora_alpha, settings.lora_dropout, settings.bias) == (4, 16, 0.05, "none")


def scale(model) -> float:
    return next(module.scaling["default"] for module in model.modules() if hasattr(module, "lora_A"))


def test_rank_stabilised_lora_scales_by_the_root(base):
    plain, stabilised = (
        models.add_lora(models.load_base(base), config.Lora(rslora=choice)) for choice in (False, True)
    )
    assert (scale(plain), scale(stabilised)) == (4.0, 8.0)


def test_dora_trains_a_magnitude_for_each_output(base):
    model = models.add_lora(models.load_base(base), config.Lora(dora=True))
    magnitudes = [parameter for name, parameter in model.named_parameters() if "magnitude" in name]
    assert len(magnitudes) == 4
    assert all(parameter.requires_grad for parameter in magnitudes)


def first_matrix(model) -> torch.Tensor:
    return next(parameter for name, parameter in model.named_parameters() if "lora_A" in name)


def test_the_adapter_starts_from_the_seed(base):
    one, same, other = (
        first_matrix(models.add_lora(models.load_base(base), config.Lora(), seed=seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_all_linear_layers_but_the_output_layer(base):
    model = models.add_lora(models.load_base(base), config.Lora(target_modules=("all-linear",)))
    adapted = {name.split(".lora_A")[0].rpartition(".")[2] for name, _ in model.named_parameters() if "lora_A" in name}
    assert adapted == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


def test_layers_that_are_not_there(base):
    message = refusal(models.add_lora, models.load_base(base), config.Lora(target_modules=("query", "value")))
    assert message.startswith("no adapter can be put on query, value: ")
    assert message.endswith(
        "\nNext step: set lora.target_modules to some of "
        "down_proj, gate_proj, k_proj, lm_head, o_proj, q_proj, up_proj, v_proj."
    )


def test_four_bits(base):
    """QLoRA: the linear layers lie in 4 bits, the answers stay close, and the adapter gets gradients."""
    pytest.importorskip("bitsandbytes")
    model = models.load_base(base, dtype="float32", quantize="nf4")
    ids = torch.tensor([[1, 300, 301, 302, 303]])
    with torch.inference_mode():
        exact, rough = (kind(input_ids=ids).logits for kind in (models.load_base(base), model))
    assert torch.nn.functional.cosine_similarity(exact, rough, dim=-1).min() > 0.95
    assert not torch.equal(exact, rough)
    model = models.add_lora(model, config.Lora(dropout=0))
    assert model.base_model.model.model.layers[0].self_attn.k_proj.weight.dtype == torch.uint8
    model(input_ids=ids, labels=ids).loss.backward()
    gradients = [parameter.grad for name, parameter in model.named_parameters() if "lora_B" in name]
    assert len(gradients) == 4
    assert all(gradient.abs().sum() > 0 for gradient in gradients)


def test_four_bits_have_gradients_after_an_evaluation_whatever_the_processor(base, monkeypatch):
    """bitsandbytes packs weights at the first evaluation where the processor has AVX-512 BF16."""
    layers = pytest.importorskip("bitsandbytes.nn.modules")
    monkeypatch.setattr(layers, "has_avx512bf16", lambda: True)
    model = models.add_lora(models.load_base(base, dtype="float32", quantize="nf4"), config.Lora(dropout=0)).eval()
    ids = torch.tensor([[1, 300, 301, 302, 303]])
    with torch.inference_mode():
        model(input_ids=ids)
    model(input_ids=ids, labels=ids).loss.backward()
    gradients = [parameter.grad for name, parameter in model.named_parameters() if "lora_B" in name]
    assert all(gradient.abs().sum() > 0 for gradient in gradients)


def test_a_tiny_model_has_the_adapter_the_demo_prints(tmp_path):
    model = models.load_base(tiny.make(["あいうえお。"] * 3, tmp_path, vocab_size=300))
    assert models.trainable_parameters(models.add_lora(model, config.Lora())) == 2 * 2 * 4 * (64 + 64)
