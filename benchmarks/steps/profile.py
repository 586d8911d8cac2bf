"""Where the time of one training step goes, by what the work is for. torch.profiler counts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from rich.table import Table
from torch.profiler import ProfilerActivity, profile

BASE, ADAPTER = "matrix products of the base's layers", "matrix products of the adapter"
ATTENTION, LOGITS, OPTIMIZER = "attention", "logits and loss", "optimizer"
REST = "everything else"
PRODUCTS = ("aten::mm", "aten::addmm", "aten::bmm", "aten::baddbmm")


def shares(step: Callable[[], None], *, vocabulary: int, rank: int) -> dict[str, float]:
    """Take one step, and say which share of its time went where: of the processor's, or of a GPU's.

    Args:
        step: Takes it.
        vocabulary: Length of a row of logits, by which their work is known.
        rank: Of the adapter, by which its matrix products are known.
    """
    on_gpu = torch.cuda.is_available()
    devices = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]
    with profile(activities=devices, record_shapes=True) as profiler:
        step()
    times = dict.fromkeys((BASE, ADAPTER, ATTENTION, LOGITS, OPTIMIZER, REST), 0.0)
    events: Any = profiler.events()
    for event in events:
        if event.device_type.name == "CPU":  # a GPU's own events are counted with what started them
            own = event.self_device_time_total if on_gpu else event.self_cpu_time_total
            times[part(event, vocabulary, rank)] += own
    return {name: time / sum(times.values()) for name, time in times.items()}


def part(event: Any, vocabulary: int, rank: int) -> str:
    """What an event of the profiler is for, by its name, the names of what called it, and the shapes it works on."""
    callers = " ".join(_lineage(event))
    sizes = {size for shape in event.input_shapes or () if isinstance(shape, list) for size in shape}
    if "Optimizer." in callers:
        return OPTIMIZER
    if vocabulary in sizes and "embedding" not in callers:
        return LOGITS
    if "attention" in callers:
        return ATTENTION
    if event.name in PRODUCTS:
        return ADAPTER if rank in sizes else BASE
    return REST


def _lineage(event: Any) -> Iterator[str]:
    while event is not None:
        yield event.name
        event = event.cpu_parent


def table(found: dict[str, float], title: str) -> Table:
    """The shares, largest first."""
    grid = Table("where the time goes", title=title)
    grid.add_column("share", justify="right")
    for name, share in sorted(found.items(), key=lambda entry: -entry[1]):
        grid.add_row(name, f"{share:.0%}")
    return grid
