"""All ways give the same losses, one that runs out of memory stops no other, and a step's time is counted where it goes."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import pytest
import torch
from rich.console import Console

from benchmarks import finetune
from benchmarks.steps import profile, ways
from benchmarks.trials.errors import TrialError
from finetune import config, models
from tests.finetune import liger
from tests.finetune.adapters import ROOT

TINY = ROOT / "finetune" / "configs" / "tiny.yaml"
SHARES = (profile.BASE, profile.ADAPTER, profile.ATTENTION, profile.LOGITS, profile.OPTIMIZER, profile.REST)


@dataclass(frozen=True)
class TooLarge(ways.Way):
    """Runs out of memory after so many steps."""

    after: int = 0
    steps: list[str] = field(default_factory=list)

    def collator(self, *arguments):
        self.steps.append("begun")
        if len(self.steps) > self.after:
            raise torch.OutOfMemoryError
        return super().collator(*arguments)


@pytest.fixture
def bench(base, dataset):
    """Makes a bench of ways on the small model."""

    def make(chosen):
        changes = [f"model.base={base}", f"data.dataset={dataset}", "data.config=null"]
        settings = config.load(TINY, [*changes, "training.global_batch=6", "training.per_device_batch=3"])
        return ways.Bench(models.load_base(base), models.load_tokenizer(base), settings, chosen)

    return make


@pytest.fixture
def some(base, dataset):
    """18 records: three steps."""
    settings = config.load(TINY, [f"data.dataset={dataset}", "data.config=null"])
    return finetune.real_records(settings.data, str(base), 18)[0]


def text(table) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(table)
    return console.file.getvalue()


def test_all_ways_have_the_same_losses_and_the_warm_up_is_not_counted(bench, some):
    tallies, shares = finetune.measure(bench(ways.WAYS), some)
    for tally in tallies.values():
        assert tally.losses == pytest.approx(tallies["padded"].losses, rel=1e-5) and len(tally.losses) == 3
        assert tally.records == 12 and tally.tokens == sum(len(record["input_ids"]) for record in some[6:])
    shown = text(finetune.report(tallies, 10**6, "NVIDIA H100"))
    assert all(word in shown for word in ("of peak", "memory", "GiB", *ways.WAYS))
    assert profile.ATTENTION in text(shares)


def test_one_way_out_of_memory_stops_no_other(bench, some):
    tallies, _ = finetune.measure(bench({"padded": TooLarge("padded", after=2), "packed": ways.Way("packed")}), some)
    assert (tallies["padded"].failed, len(tallies["padded"].losses)) == (True, 2)
    assert (tallies["packed"].failed, len(tallies["packed"].losses)) == (False, 3)
    shown = text(finetune.report(tallies, 10**6, None))
    assert "out of memory" in shown and "1.00" in shown


def test_no_way_fits(bench, some):
    tallies, shares = finetune.measure(bench({"padded": TooLarge("padded")}), some)
    assert shares is None
    with pytest.raises(TrialError, match="the memory is too small for every way\nNext step: "):
        finetune.report(tallies, 10**6, None)


def test_ligers_ways_come_last(bench, some, monkeypatch):
    """Its kernels change the base for good."""
    monkeypatch.setattr(ways, "apply_liger_kernel", liger.apply)
    chosen = {"Liger": ways.Way("packed", liger=True), "packed": ways.Way("packed")}
    tallies, _ = finetune.measure(bench(chosen), some)
    assert tallies["Liger"].losses == pytest.approx(tallies["packed"].losses, rel=1e-5)
    assert list(tallies) == ["packed", "Liger"]


def test_a_gpu_has_the_ways_whose_packages_are_installed(monkeypatch):
    assert ways.possible() == ways.WAYS
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for installed in ((), ("liger_kernel",), ("liger_kernel", "flash_attn")):
        monkeypatch.setattr(ways.importlib.util, "find_spec", lambda name, installed=installed: name in installed)
        more = set(ways.possible()) - set(ways.WAYS)
        assert len(more) == (1, 2, 4)[len(installed)]


def test_time_is_counted_where_it_goes():
    weight, hidden = torch.randn(512, 512), torch.randn(2048, 512)
    head, half = torch.randn(999, 512), torch.randn(7, 512)
    trained = torch.nn.Parameter(torch.randn(512, 4096))
    optimizer = torch.optim.AdamW([trained])
    trained.grad = torch.ones_like(trained)

    def steps(work):
        return profile.shares(lambda: [work() for _ in range(3)], vocabulary=999, rank=7)

    for work, name in [
        (lambda: hidden @ weight, profile.BASE),
        (lambda: hidden @ half.T, profile.ADAPTER),
        (
            lambda: torch.nn.functional.cross_entropy(hidden @ head.T, torch.zeros(2048, dtype=torch.long)),
            profile.LOGITS,
        ),
        (
            lambda: torch.nn.functional.scaled_dot_product_attention(*[hidden.view(1, 8, 2048, 64)] * 3),
            profile.ATTENTION,
        ),
        (optimizer.step, profile.OPTIMIZER),
        (lambda: weight.exp(), profile.REST),
    ]:
        found = steps(work)
        assert sum(found.values()) == pytest.approx(1) and set(found) == set(SHARES)
        assert found[name] > 0.5, (name, found)


def test_the_shape_of_llama_3():
    assert finetune.random_model("8B", None, "meta").num_parameters() == 8_030_261_248
