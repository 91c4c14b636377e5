"""Plain inversion against diffusers' DDIMInverseScheduler: the same to 1e-4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from diffusers import DDIMInverseScheduler

from imvar_studio.engine.ddim import make_grid
from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.inversion import invert_plain
from imvar_studio.engine.pixels import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.engine.bundle import Bundle


@pytest.mark.parametrize("spacing", ["trailing", "leading"])
@pytest.mark.parametrize("steps", [10, 20, 25, 50])
@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "zero_snr"])
@torch.inference_mode()
def test_plain_inversion_is_diffusers_own(
    load_model: Callable[..., Bundle],
    stock_unet: Callable[..., Any],
    pictures: Any,
    kind: str,
    steps: int,
    spacing: str,
) -> None:
    bundle = load_model(kind, "fp32")
    unet = stock_unet(bundle.card.path)
    look = torch.randn(1, 1, 32, generator=torch.Generator().manual_seed(4))
    picture = load_framed(pictures.asset("waves 64x64"), bundle.card.native, pictures)
    clean = encode(bundle, picture)

    grid = make_grid(bundle.scheduler_config, steps, spacing)
    ours = invert_plain(clean, grid, lambda x, t: unet(x, t, look).sample)

    config = {**bundle.scheduler_config, "timestep_spacing": spacing}
    scheduler = DDIMInverseScheduler.from_config(config)
    scheduler.set_timesteps(steps)
    theirs = clean
    for t in scheduler.timesteps:
        theirs = scheduler.step(unet(theirs, t, look).sample, t, theirs).prev_sample
    assert torch.isfinite(theirs).all()
    error = ((ours - theirs).abs().max() / theirs.abs().max()).item()
    print(f"relative error {error:.1e}")
    assert error <= 1e-4
