"""Where a network is trained, and in what precision: said beside every figure."""

import platform
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from ecgcore.errors import EcgError

Precision = Literal["fp32", "bf16"]
DeviceChoice = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, kw_only=True)
class Compute:
    """A device and a precision.

    "bf16": forward passes under autocast, weights and optimiser in single precision. It is worth
    it on GPUs and on CPUs with matrix units for it; on others epochs take twice as long.
    """

    device: Literal["cpu", "cuda"] = "cpu"
    precision: Precision = "fp32"

    @property
    def name(self) -> str:
        """The device in words."""
        if self.device == "cuda":
            return str(torch.cuda.get_device_name())
        return f"{_processor()}, {torch.get_num_threads()} thread(s)"

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the context for forward passes."""
        if self.precision == "fp32":
            return nullcontext()
        return torch.autocast(self.device, dtype=torch.bfloat16)


CPU = Compute()


def choose_compute(device: DeviceChoice = "auto", precision: Precision = "fp32") -> Compute:
    """Return the GPU where there is one, else the CPU. Raises EcgError when ``cuda`` isn't."""
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise EcgError("There is no CUDA device here; leave --device out or say cpu.")
    return Compute(device="cuda" if there and device != "cpu" else "cpu", precision=precision)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
