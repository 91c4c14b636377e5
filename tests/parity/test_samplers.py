"""Final latents against diffusers' StableDiffusionImageVariationPipeline: the same to 1e-4."""

from __future__ import annotations

import hashlib
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
import torch
from diffusers import DDIMInverseScheduler

from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.look import Picture, Weighted
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.start import Between, InversionSpec, Inverted, Noise
from tests.parity.measure import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle

LIMIT = 1e-4
SAMPLERS = ("ddim", "dpmpp-2m", "euler")


def recipe(bundle: Bundle, look: Any, **settings: Any) -> Recipe:
    defaults = {"start": Noise(7), "size": bundle.card.native, "steps": 20, "guidance": 3.0}
    return Recipe(bundle.card.ref, (Weighted(look),), **(defaults | settings))


def seed_noise(seed: int, shape: tuple[int, ...]) -> Tensor:
    return torch.randn((1, *shape), generator=torch.Generator("cpu").manual_seed(seed))


@pytest.fixture
def both(
    pictures: Any,
    stock_pipeline: Callable[..., Any],
    stock_scheduler: Callable[..., Any],
    tower_input: Callable[..., Tensor],
) -> Callable[..., tuple[Tensor, Tensor]]:
    """Final latents of one picture: ours, theirs."""

    def run(
        bundle: Bundle, name: str, sampler: str, spacing: str, steps: int
    ) -> tuple[Tensor, Tensor]:
        asset = pictures.asset(name)
        wanted = recipe(bundle, Picture(asset), sampler=sampler, spacing=spacing, steps=steps)
        ours = Renderer(bundle, pictures).latents([wanted])
        pipeline = stock_pipeline(bundle, stock_scheduler(bundle, sampler, spacing))
        size = bundle.card.native
        theirs = pipeline(
            image=tower_input(load_framed(asset, size, pictures), bundle),
            height=size.height,
            width=size.width,
            num_inference_steps=steps,
            guidance_scale=3.0,
            latents=seed_noise(7, bundle.latent_shape(size)),
            output_type="latent",
        ).images
        return ours, theirs

    return run


KINDS = ("epsilon", "v_prediction", "sample", "trained_betas", "zero_snr")
CASES = (
    *product(KINDS, SAMPLERS, ("trailing", "leading")),
    *product(
        ("epsilon", "v_prediction", "trained_betas"),
        ("unipc", "lms", "pndm"),
        ("trailing", "leading", "linspace"),
    ),
)


@pytest.mark.parametrize(
    ("kind", "sampler", "spacing"),
    [case for case in CASES if case[1:] != ("pndm", "linspace")],  # which is refused
)
def test_tiny_models_end_where_diffusers_does(
    load_model: Callable[..., Bundle],
    both: Callable[..., tuple[Tensor, Tensor]],
    kind: str,
    sampler: str,
    spacing: str,
) -> None:
    ours, theirs = both(load_model(kind, "fp32"), "waves 64x64", sampler, spacing, 10)
    assert error(ours, theirs) <= LIMIT


@pytest.mark.parametrize("spacing", ["trailing", "leading"])
@pytest.mark.parametrize("sampler", ["euler-ancestral", "lcm"])
@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
@torch.inference_mode()
def test_samplers_that_draw_noise_take_it_from_the_pictures_seed(
    load_model: Callable[..., Bundle],
    pictures: Any,
    stock_unet: Callable[..., Any],
    stock_scheduler: Callable[..., Any],
    tower_input: Callable[..., Tensor],
    kind: str,
    sampler: str,
    spacing: str,
) -> None:
    bundle, steps = load_model(kind, "fp32"), 10
    asset = pictures.asset("waves 64x64")
    wanted = recipe(
        bundle, Picture(asset), steps=steps, sampler=sampler, spacing=spacing, variance=Noise(3)
    )
    ours = Renderer(bundle, pictures).latents([wanted])
    seen = tower_input(load_framed(asset, bundle.card.native, pictures), bundle)
    look = bundle.image_tower(pixel_values=seen).image_embeds[:, None]
    unet, scheduler = stock_unet(bundle.card.path), stock_scheduler(bundle, sampler, spacing)
    scheduler.set_timesteps(steps)
    x = seed_noise(7, bundle.latent_shape(bundle.card.native)) * scheduler.init_noise_sigma
    for step, t in enumerate(scheduler.timesteps):
        shown = scheduler.scale_model_input(x, t)
        plain = unet(shown, t, torch.zeros_like(look)).sample
        guided = plain + 3.0 * (unet(shown, t, look).sample - plain)
        seed = stream_seed_by_hand(3, "variance", step)
        generator = torch.Generator("cpu").manual_seed(seed)
        x = scheduler.step(guided, t, x, generator=generator).prev_sample
    assert error(ours, x) <= LIMIT


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_starter_ends_where_diffusers_does(
    load_model: Callable[..., Bundle],
    both: Callable[..., tuple[Tensor, Tensor]],
    sampler: str,
) -> None:
    ours, theirs = both(load_model("starter", "fp32"), "cat.jpg", sampler, "trailing", 10)
    assert error(ours, theirs) <= LIMIT


@pytest.mark.parametrize("spacing", ["trailing", "leading"])
@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample", "trained_betas"])
@torch.inference_mode()
def test_eta_adds_what_diffusers_adds_from_the_same_noise(
    load_model: Callable[..., Bundle],
    pictures: Any,
    stock_unet: Callable[..., Any],
    stock_scheduler: Callable[..., Any],
    tower_input: Callable[..., Tensor],
    kind: str,
    spacing: str,
) -> None:
    bundle, steps = load_model(kind, "fp32"), 10
    asset = pictures.asset("waves 64x64")
    wanted = recipe(bundle, Picture(asset), steps=steps, sampler="ddim", spacing=spacing)
    without = Renderer(bundle, pictures).latents([wanted])
    wanted = recipe(
        bundle, Picture(asset), steps=steps, sampler="ddim", spacing=spacing,
        eta=0.5, variance=Noise(3),
    )  # fmt: skip
    ours = Renderer(bundle, pictures).latents([wanted])

    shape = bundle.latent_shape(bundle.card.native)
    seen = tower_input(load_framed(asset, bundle.card.native, pictures), bundle)
    look = bundle.image_tower(pixel_values=seen).image_embeds[:, None]
    unet, scheduler = stock_unet(bundle.card.path), stock_scheduler(bundle, "ddim", spacing)
    scheduler.set_timesteps(steps)
    x = seed_noise(7, shape)
    for step, t in enumerate(scheduler.timesteps):
        condition = torch.cat([torch.zeros_like(look), look])
        plain, shown = unet(torch.cat([x, x]), t, condition).sample.chunk(2)
        noise = seed_noise(stream_seed_by_hand(3, "variance", step), shape)
        guided = plain + 3.0 * (shown - plain)
        x = scheduler.step(guided, t, x, eta=0.5, variance_noise=noise).prev_sample
    assert error(ours, x) <= LIMIT
    assert error(without, x) > 0.01


def stream_seed_by_hand(seed: int, stream: str, step: int) -> int:
    digest = hashlib.blake2b(f"{seed}/{stream}/{step}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") // 2


@pytest.mark.parametrize("spacing", ["trailing", "leading"])
@pytest.mark.parametrize("sampler", SAMPLERS)
@torch.inference_mode()
def test_inverted_latents_meet_each_sampler_at_its_own_scale(
    load_model: Callable[..., Bundle],
    pictures: Any,
    stock_unet: Callable[..., Any],
    stock_scheduler: Callable[..., Any],
    tower_input: Callable[..., Tensor],
    sampler: str,
    spacing: str,
) -> None:
    bundle, steps = load_model("v_prediction", "fp32"), 10
    asset = pictures.asset("waves 64x64")
    start = Inverted(asset, InversionSpec("plain", steps, spacing=spacing))
    wanted = recipe(
        bundle, start.look, start=start, steps=steps, guidance=1.0,
        sampler=sampler, spacing=spacing,
    )  # fmt: skip
    ours = Renderer(bundle, pictures).latents([wanted])

    picture = load_framed(asset, bundle.card.native, pictures)
    seen = tower_input(picture, bundle)
    look = bundle.image_tower(pixel_values=seen).image_embeds[:, None]
    unet = stock_unet(bundle.card.path)
    x = bundle.vae.encode(picture[None] * 2 - 1).latent_dist.mean
    x = x * bundle.vae.config.scaling_factor
    back = DDIMInverseScheduler.from_config(
        {**bundle.scheduler_config, "timestep_spacing": spacing}
    )
    back.set_timesteps(steps)
    for t in back.timesteps:
        x = back.step(unet(x, t, look).sample, t, x).prev_sample
    scheduler = stock_scheduler(bundle, sampler, spacing)
    scheduler.set_timesteps(steps)
    if sampler == "euler":  # whose x is x0 + sigma eps
        x = x * (scheduler.sigmas[0] ** 2 + 1) ** 0.5
    for t in scheduler.timesteps:
        output = unet(scheduler.scale_model_input(x, t), t, look).sample
        x = scheduler.step(output, t, x).prev_sample
    assert error(ours, x) <= LIMIT


def test_noise_on_its_way_from_one_seed_to_another_begins_and_ends_with_them(
    load_model: Callable[..., Bundle], pictures: Any
) -> None:
    bundle = load_model("v_prediction", "fp32")
    renderer, look = Renderer(bundle, pictures), Picture(pictures.asset("waves 64x64"))

    def final(variance: Noise | Between) -> Tensor:
        wanted = recipe(bundle, look, steps=5, sampler="ddim", eta=1.0, variance=variance)
        return renderer.latents([wanted])

    first, second = final(Noise(1)), final(Noise(2))
    assert error(final(Between(Noise(1), Noise(2), 0.0)), first) < 1e-5
    assert error(final(Between(Noise(1), Noise(2), 1.0)), second) < 1e-5
    middle = final(Between(Noise(1), Noise(2), 0.5))
    assert min(error(middle, first), error(middle, second), error(first, second)) > 0.01
