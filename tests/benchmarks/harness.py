"""Measuring sides against each other in one process: interleaved, medians, spread, parity."""

from __future__ import annotations

import platform
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Timing:
    """Seconds of one side's runs."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def spread(self) -> str:
        return f"{min(self.seconds):.2f} to {max(self.seconds):.2f} s"


def interleave(sides: Mapping[str, Callable[[], object]], pairs: int) -> dict[str, Timing]:
    """Run all sides in turn, forwards and backwards (A B B A), after one run each to warm up."""
    for run in sides.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(pairs):
        order = list(sides) if number % 2 == 0 else list(reversed(sides))
        for name in order:
            begin = time.perf_counter()
            sides[name]()
            seconds[name].append(time.perf_counter() - begin)
            print(f"  {name}: {seconds[name][-1]:.2f} s", flush=True)
    return {name: Timing(tuple(times)) for name, times in seconds.items()}


def matrix_peak(dtype: torch.dtype, device: torch.device) -> float:
    """Return FLOP/s of the best of some large matrix products: what the machine can at most."""
    n = 2048 if device.type == "cpu" else 8192
    a, b = (torch.randn(n, n, device=device).to(dtype) for _ in range(2))
    best = 0.0
    for _ in range(8):
        begin = time.perf_counter()
        a @ b
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        best = max(best, 2 * n**3 / (time.perf_counter() - begin))
    return best


def hardware() -> str:
    """Return the machine in words."""
    name = platform.processor() or platform.machine()
    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
    else:
        for line in _cpu_lines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    threads = torch.get_num_threads()
    memory = psutil.virtual_memory().total / 2**30
    return f"{name}, {threads} threads, {memory:.0f} GiB, torch {torch.__version__}"


def _cpu_lines() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
