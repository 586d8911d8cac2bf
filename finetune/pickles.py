"""What the pickles of a checkpoint call. To unpickle a file is to run the code that it names.

The Trainer lets PyTorch load nothing but harmless names; DeepSpeed loads whatever is there.
"""

from __future__ import annotations

import pickletools
from pathlib import Path

SUFFIXES = (".pt", ".pth")
"""Files of a checkpoint that DeepSpeed and the Trainer unpickle."""
KNOWN_CODE = {
    "deepspeed.runtime.fp16.loss_scaler.LossScaler",
    "deepspeed.runtime.zero.config.ZeroStageEnum",
    "deepspeed.utils.tensor_fragment.fragment_address",
    "numpy._core.multiarray._reconstruct",
    "numpy.dtype",
    "numpy.ndarray",
}
"""What they call besides PyTorch's harmless names, with ZeRO-2, ZeRO-3 or neither, in float32 and bfloat16."""
PROTOCOL = 2
"""``torch.save``'s. From 4 on, a name with dots is a path, such as ``torch.os.system`` in a module that imports torch."""


def strange_code(file: Path) -> set[str]:
    """Tell what loading ``file`` would call that no training writes there, without loading it."""
    import torch

    try:
        called = set(torch.serialization.get_unsafe_globals_in_checkpoint(str(file)))
        content = torch._C.PyTorchFileReader(str(file)).get_record("data.pkl")
        protocols = {number for code, number, _ in pickletools.genops(content) if code.name == "PROTO"}
    except Exception as error:  # an older format, or another opcode than torch.save writes: only running it would tell
        return {f"{file.name}: {type(error).__name__}"}
    others = {f"{file.name}: protocol {number}" for number in protocols - {PROTOCOL}}
    return others | (called - KNOWN_CODE)
