"""How long the model takes on this machine: a few calls at the shapes that will be rendered."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import torch

from imvar_studio.engine.evaluations import Call, Schedule
from imvar_studio.engine.guidance import run_unet
from imvar_studio.engine.pixels import decode
from imvar_studio.model.model_card import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.source import Size

_TIMESTEP = 500
_LONG = 5.0  # seconds of a first call beside which its warming up is nothing
_SPENT, _MOST = 0.8, 6  # seconds and timed calls after which a time is known well enough
_OTHERS = 0.1  # of all cores: above that, what other programs take is felt


@dataclass(frozen=True, slots=True)
class Calibration:
    """Seconds a call, with the machine to itself.

    Args:
        unet: of each shape that was asked for.
        decode: of the VAE for a whole chunk.
        schedule: of the model.
    """

    unet: dict[Call, float]
    decode: float
    schedule: Schedule


@torch.inference_mode()
def calibrate(
    bundle: Bundle, size: Size, batch: int, calls: Iterable[Call], *, tiled: bool = False
) -> Calibration:
    """Time the model; the calls also warm it up.

    Args:
        bundle: the model.
        size: of the pictures.
        batch: pictures that are decoded at once.
        calls: the UNet calls to time; the largest comes first, as it may not fit.
        tiled: decode in tiles.

    Raises:
        MemoryError, RuntimeError: if the memory does not hold them, as Python and torch say it.
    """
    shape = bundle.latent_shape(bundle.working_size(size))
    device = bundle.compute.device
    latents = torch.zeros(batch, *shape, device=device)
    return Calibration(
        {call: _seconds(_unet(bundle, call, shape), device) for call in sorted(calls)[::-1]},
        _seconds(lambda: decode(bundle, latents, size, tiled=tiled), device),
        Schedule.of(bundle.scheduler_config),
    )


def _unet(bundle: Bundle, call: Call, shape: tuple[int, int, int]) -> Callable[[], object]:
    """Return a function that makes a call at latents of `shape`."""
    device, card = bundle.compute.device, bundle.card
    # 9 channels in an inpainting UNet
    x = torch.zeros(call.samples, bundle.unet.config.in_channels, *shape[1:], device=device)
    tokens = card.window if card.family == TEXT else 1
    condition = torch.zeros(
        call.samples, tokens, card.width, device=device, dtype=bundle.compute.dtype
    )
    timestep = torch.tensor(_TIMESTEP, device=device)
    precise = frozenset({_TIMESTEP}) if call.precise else frozenset[int]()
    return lambda: run_unet(bundle, x, timestep, condition, precise)


def _seconds(call: Callable[[], object], device: torch.device) -> float:
    """Return what a call takes after one that warms up: the shortest of several.

    On a CPU that others use too, it is the time that the calling thread computed: it has a part
    in all that is done, so alone it would take little longer (measured with both cores taken
    five times over: 3 % less to 10 % more than on a quiet machine, where the clock showed five
    times as much). What others take now they may not for long, and a calibration is kept.
    """
    enough = 1 if _timed(call, device)[0] > _LONG else 2
    times: list[tuple[float, float]] = []
    begin, ours = _busy(), time.process_time()
    while len(times) < enough or (sum(t for t, _ in times) < _SPENT and len(times) < _MOST):
        times.append(_timed(call, device))
    others = _busy() - begin - (time.process_time() - ours)
    passed, computed = sum(t for t, _ in times), sum(own for _, own in times)
    if device.type == "cpu" and others > _OTHERS * passed * (psutil.cpu_count() or 1):
        return computed / len(times)
    return min(seconds for seconds, _ in times)


def _timed(call: Callable[[], object], device: torch.device) -> tuple[float, float]:
    """Return the seconds a call takes, and those that this thread computed."""
    begin, own = time.perf_counter(), time.thread_time()
    call()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
    return time.perf_counter() - begin, time.thread_time() - own


def _busy() -> float:
    """Return the seconds that all cores together have computed since the machine was started."""
    times = psutil.cpu_times()
    waiting: float = times.idle + getattr(times, "iowait", 0.0)
    return float(sum(times)) - waiting
