"""Plain inversion, and what is sampled from it, against diffusers' schedulers: the same to 1e-4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from diffusers import DDIMInverseScheduler

from imvar_studio.engine.ddim import make_grid
from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.inversion import invert_plain
from imvar_studio.engine.pixels import encode
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.look import Weighted
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.start import InversionSpec, Inverted
from tests.parity.measure import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

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
    assert error(ours, theirs) <= 1e-4


def published_inversion(
    scheduler: Any, clean: Tensor, until: int, predict: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    """DDIMInverseScheduler's loop up to a timestep, reached by a shorter step if it has it not."""
    x, level = clean, float(scheduler.initial_alpha_cumprod)
    for t in scheduler.timesteps:
        if t > until:
            break
        x = scheduler.step(predict(x, t), t, x).prev_sample
        level = float(scheduler.alphas_cumprod[t])
        if t == until:
            return x
    # Song, Meng, Ermon 2021, formula (12), upwards
    v = predict(x, torch.tensor(until))
    x0, eps = level**0.5 * x - (1 - level) ** 0.5 * v, level**0.5 * v + (1 - level) ** 0.5 * x
    end = float(scheduler.alphas_cumprod[until])
    return end**0.5 * x0 + (1 - end) ** 0.5 * eps


@pytest.mark.parametrize("spacing", ["trailing", "leading"])
@pytest.mark.parametrize("guidance", [1.0, 3.0])
@pytest.mark.parametrize(
    ("back", "steps", "left_out", "lands"),
    [(20, 20, 1, True), (50, 10, 1, True), (100, 20, 5, True), (20, 50, 3, False)],
)
@torch.inference_mode()
def test_sampling_begins_from_the_inverted_latents_of_its_own_level(
    load_model: Callable[..., Bundle],
    pictures: Any,
    stock_unet: Callable[..., Any],
    stock_scheduler: Callable[..., Any],
    tower_input: Callable[..., Tensor],
    back: int,
    steps: int,
    left_out: int,
    lands: bool,
    guidance: float,
    spacing: str,
) -> None:
    bundle = load_model("v_prediction", "fp32")
    asset = pictures.asset("waves 64x64")
    start = Inverted(asset, InversionSpec("plain", back, spacing=spacing, start_step=left_out))
    wanted = Recipe(
        bundle.card.ref, (Weighted(start.look),), start, bundle.card.native,
        steps=steps, guidance=guidance, sampler="ddim", spacing=spacing,
    )  # fmt: skip
    ours = Renderer(bundle, pictures).latents([wanted])

    picture = load_framed(asset, bundle.card.native, pictures)
    look = bundle.image_tower(pixel_values=tower_input(picture, bundle)).image_embeds[:, None]
    unet = stock_unet(bundle.card.path)
    clean = bundle.vae.encode(picture[None] * 2 - 1).latent_dist.mean
    config = {**bundle.scheduler_config, "timestep_spacing": spacing}
    inverse = DDIMInverseScheduler.from_config(config)
    inverse.set_timesteps(back)
    scheduler = stock_scheduler(bundle, "ddim", spacing)
    scheduler.set_timesteps(steps)
    begin = int(scheduler.timesteps[left_out])
    assert (begin in inverse.timesteps) == lands
    x = published_inversion(
        inverse, clean * bundle.vae.config.scaling_factor, begin,
        lambda x, t: unet(x, t, look).sample,
    )  # fmt: skip
    for t in scheduler.timesteps[left_out:]:
        plain, shown = unet(x, t, torch.zeros_like(look)).sample, unet(x, t, look).sample
        x = scheduler.step(plain + guidance * (shown - plain), t, x).prev_sample
    assert error(ours, x) <= 1e-4
