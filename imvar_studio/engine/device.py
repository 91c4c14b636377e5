"""Where and how precisely to compute: chosen once, named in every frame's fingerprint."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from imvar_studio.model.errors import SpecError

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, slots=True)
class Compute:
    """A device and the precision of the UNet and the decoder; towers always run in fp32."""

    device: torch.device
    precision: str

    @property
    def dtype(self) -> torch.dtype:
        """Return the UNet's dtype."""
        return DTYPES[self.precision]

    @property
    def batch(self) -> int:
        """Return the pictures a chunk that suit the device (measured: CPU 4; see benchmarks)."""
        return 4 if self.device.type == "cpu" else 8

    def fingerprint(self, batch: int) -> str:
        """Return what two renders must share for their pictures to be equal to the bit.

        Args:
            batch: pictures a chunk: the shape that the UNet sees.
        """
        if self.device.type == "cuda":
            kind = torch.cuda.get_device_name(self.device).replace(" ", "-")
            threads = 0
        else:
            kind = f"{self.device.type}-{torch.backends.cpu.get_cpu_capability()}"
            threads = torch.get_num_threads()
        parts = (kind, f"torch-{torch.__version__}", self.precision, f"batch-{batch}")
        return " ".join((*parts, f"threads-{threads}", "eager"))


def device_name(device: torch.device) -> str:
    """Return what people call a device."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"cpu": "CPU", "mps": "Apple GPU"}.get(device.type, device.type)


def choose_compute(device: str | None = None, precision: str | None = None) -> Compute:
    """Return the device and precision to render with.

    Args:
        device: `cpu`, `cuda`, `cuda:1`, `mps`; None takes the first of CUDA, MPS, CPU there is.
        precision: `fp32`, `bf16`, `fp16`; None takes bf16 where the device computes in it,
            fp16 on other GPUs, fp32 elsewhere.

    Raises:
        SpecError: for a device that is not there or a precision it has no arithmetic for.
    """
    found = _device(device)
    if precision is None:
        return Compute(found, _natural_precision(found))
    if precision not in DTYPES:
        raise SpecError(
            f"precision must be one of {', '.join(DTYPES)}, got {precision!r}", "precision"
        )
    if precision == "fp16" and found.type == "cpu":
        raise SpecError("the CPU has no fp16 arithmetic", "precision", "choose fp32 or bf16")
    return Compute(found, precision)


def _device(name: str | None) -> torch.device:
    there = ["cpu"]
    if torch.backends.mps.is_available():
        there.insert(0, "mps")
    if torch.cuda.is_available():
        there.insert(0, "cuda")
    if name is None:
        return torch.device(there[0])
    kind, colon, index = name.partition(":")
    if kind not in there or (colon and not (index.isascii() and index.isdigit())):
        raise SpecError(f"device must be one of {', '.join(there)}, got {name!r}", "device")
    if index and int(index) >= (torch.cuda.device_count() if kind == "cuda" else 1):
        raise SpecError(f"there is no device {name}", "device")
    return torch.device(name)


def _natural_precision(device: torch.device) -> str:
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    if device.type == "cpu":
        can = torch.cpu.get_capabilities()
        return "bf16" if can.get("avx512_bf16") or can.get("amx_bf16") else "fp32"
    return "fp32"
