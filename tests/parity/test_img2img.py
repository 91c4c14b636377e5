"""img2img against diffusers' StableDiffusionImg2ImgPipeline: the same to 1e-4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from diffusers import StableDiffusionImg2ImgPipeline

from imvar_studio.engine.framing import load_framed
from imvar_studio.engine.pixels import encode
from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.starts import variance_generator
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.start import Between, Circle, Encode, Noise
from tests.parity.measure import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle

LIMIT = 1e-4
GUIDANCE, STEPS = 5.0, 10
LOOK, NEGATIVE = "a red cat in the snow", "a blurred dog"
STEADY = ("ddim", "dpmpp-2m", "unipc", "euler")


def recipe(bundle: Bundle, start: Any, **settings: Any) -> Recipe:
    defaults: dict[str, Any] = {
        "looks": (Weighted(Prompt(LOOK)),),
        "size": bundle.card.native,
        "steps": STEPS,
        "guidance": GUIDANCE,
        "negative": Prompt(NEGATIVE),
        "sampler": "ddim",
    }
    return Recipe(bundle.card.ref, start=start, **(defaults | settings))


def seed_noise(seed: int, shape: tuple[int, ...]) -> Tensor:
    return torch.randn((1, *shape), generator=torch.Generator("cpu").manual_seed(seed))


@pytest.fixture
def theirs(
    stock_picture_pipeline: Callable[..., Any],
    stock_scheduler: Callable[..., Any],
    pictures: Any,
) -> Callable[..., Tensor]:
    def run(
        bundle: Bundle, asset: Any, strength: float, sampler: str, spacing: str, steps: int = STEPS
    ) -> Tensor:
        scheduler = stock_scheduler(bundle, sampler, spacing)
        pipeline = stock_picture_pipeline(StableDiffusionImg2ImgPipeline, bundle, scheduler)
        return pipeline(
            prompt=LOOK,
            negative_prompt=NEGATIVE,
            image=load_framed(asset, bundle.card.native, pictures)[None],
            strength=strength,
            num_inference_steps=steps,
            guidance_scale=GUIDANCE,
            generator=torch.Generator("cpu").manual_seed(7),
            output_type="latent",
        ).images

    return run


@pytest.mark.parametrize("spacing", ["trailing", "leading"])
@pytest.mark.parametrize("strength", [0.1, 0.3, 0.55, 0.8, 1.0])
@pytest.mark.parametrize("sampler", STEADY)
@pytest.mark.parametrize("kind", ["text", "text_2"])
def test_pictures_end_where_diffusers_pipeline_does(
    load_model: Callable[..., Bundle],
    theirs: Callable[..., Tensor],
    pictures: Any,
    kind: str,
    sampler: str,
    strength: float,
    spacing: str,
) -> None:
    bundle, asset = load_model(kind, "fp32"), pictures.asset("waves 64x80")
    wanted = recipe(bundle, Encode(asset, strength, 7), sampler=sampler, spacing=spacing)
    ours = Renderer(bundle, pictures).latents([wanted])
    assert error(ours, theirs(bundle, asset, strength, sampler, spacing)) <= LIMIT


@pytest.mark.parametrize("sampler", STEADY)
def test_many_steps_too(
    load_model: Callable[..., Bundle], theirs: Callable[..., Tensor], pictures: Any, sampler: str
) -> None:
    bundle, asset = load_model("text", "fp32"), pictures.asset("waves 64x64")
    wanted = recipe(bundle, Encode(asset, 0.5, 7), sampler=sampler, steps=50)
    ours = Renderer(bundle, pictures).latents([wanted])
    assert error(ours, theirs(bundle, asset, 0.5, sampler, "trailing", steps=50)) <= LIMIT


@torch.inference_mode()
def loop(bundle: Bundle, stock_unet: Any, scheduler: Any, wanted: Recipe, **drawn: Any) -> Tensor:
    """What a script does from the step that the recipe begins at, on x it is given."""

    def states(text: str) -> Tensor:
        ids = bundle.tokenizer(text, padding="max_length", max_length=77, return_tensors="pt")
        return bundle.text_tower(ids.input_ids).last_hidden_state

    unet, begin = stock_unet(bundle.card.path), drawn["begin"]
    scheduler.set_timesteps(wanted.steps)
    scheduler.set_begin_index(begin) if hasattr(scheduler, "set_begin_index") else None
    t = scheduler.timesteps[begin : begin + 1]
    x = scheduler.add_noise(drawn["clean"], drawn["noise"], t)
    negative, look = states(NEGATIVE), states(LOOK)
    for step, t in enumerate(scheduler.timesteps):
        if step < begin:
            continue
        shown = scheduler.scale_model_input(x, t)
        plain, guided = unet(shown, t, negative).sample, unet(shown, t, look).sample
        more = drawn["more"](step)
        prediction = plain + GUIDANCE * (guided - plain)
        x = scheduler.step(prediction, t, x, **more).prev_sample
    return x


@pytest.mark.parametrize("sampler", ["ddim", "euler-ancestral", "lcm"])
def test_noise_on_the_way_is_that_of_the_steps_that_are_made(
    load_model: Callable[..., Bundle],
    pictures: Any,
    stock_unet: Callable[..., Any],
    stock_scheduler: Callable[..., Any],
    sampler: str,
) -> None:
    bundle, asset = load_model("text", "fp32"), pictures.asset("waves 64x64")
    size = bundle.card.native
    shape = bundle.latent_shape(size)
    eta = {"eta": 0.5} if sampler == "ddim" else {}
    wanted = recipe(bundle, Encode(asset, 0.6, 7), sampler=sampler, variance=Noise(3), **eta)
    ours = Renderer(bundle, pictures).latents([wanted])

    def more(step: int) -> dict[str, Any]:
        generator = variance_generator(wanted, step)
        if sampler != "ddim":
            return {"generator": generator}
        return {"eta": 0.5, "variance_noise": torch.randn((1, *shape), generator=generator)}

    x = loop(
        bundle, stock_unet, stock_scheduler(bundle, sampler, "trailing"), wanted, begin=4,
        clean=encode(bundle, load_framed(asset, size, pictures)),
        noise=seed_noise(7, shape), more=more,
    )  # fmt: skip
    assert error(ours, x) <= LIMIT


def test_a_film_between_two_pictures_mixes_latents_and_turns_noise(
    load_model: Callable[..., Bundle],
    pictures: Any,
    stock_unet: Callable[..., Any],
    stock_scheduler: Callable[..., Any],
) -> None:
    bundle, size = load_model("text", "fp32"), load_model("text", "fp32").card.native
    shape = bundle.latent_shape(size)
    first, second = pictures.asset("waves 64x64"), pictures.asset("waves 128x64")
    a, b = (encode(bundle, load_framed(each, size, pictures)) for each in (first, second))
    z, w = seed_noise(7, shape), seed_noise(8, shape)
    angle = torch.arccos((z * w).sum() / (z.norm() * w.norm()))
    arc = torch.sin(0.7 * angle) * z / z.norm() + torch.sin(0.3 * angle) * w / w.norm()
    turned = arc / torch.sin(angle) * (0.7 * z.norm() + 0.3 * w.norm())
    starts = Encode(first, 0.6, 7), Encode(second, 0.6, 8)
    renderer = Renderer(bundle, pictures)
    for start, clean, noise in (
        (Between(*starts, 0.3), 0.7 * a + 0.3 * b, turned),
        (Between(*starts, 0.3, "lerp"), 0.7 * a + 0.3 * b, 0.7 * z + 0.3 * w),
        (Circle(starts[0], Noise(8), 1 / 8), a, 0.5**0.5 * (z + w)),
    ):
        wanted = recipe(bundle, start)
        scheduler = stock_scheduler(bundle, "ddim", "trailing")
        x = loop(
            bundle, stock_unet, scheduler, wanted,
            begin=4, clean=clean, noise=noise, more=lambda step: {},
        )  # fmt: skip
        # slerp divides by a length, in which rounding counts
        assert error(renderer.latents([wanted]), x) <= LIMIT
