"""Prompts of several windows and with emphasis, against diffusers' own encoding of each window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.tensor_cache import TensorCache
from imvar_studio.engine.text_states import TextStates
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.start import Noise
from tests.parity.measure import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle

LIMIT = 1e-4
STEPS, GUIDANCE = 10, 5.0
FIRST = "a red cat in the snow, " * 12  # 84 tokens: the first window ends behind the tenth comma
LAST = "a boat at sea"


@pytest.fixture
def encode(
    stock_text_pipeline: Callable[..., Any], stock_scheduler: Callable[..., Any]
) -> Callable[[Bundle, str], Tensor]:
    """(bundle, prompt of one window) -> (1, 77, d) as diffusers' pipeline encodes it."""

    def run(bundle: Bundle, text: str) -> Tensor:
        pipeline = stock_text_pipeline(bundle, stock_scheduler(bundle, "ddim", "trailing"))
        with torch.inference_mode():
            return pipeline.encode_prompt(text, "cpu", 1, do_classifier_free_guidance=False)[0]

    return run


@pytest.mark.parametrize("kind", ["text", "text_2"])
def test_plain_prompts_are_diffusers_own_to_the_bit(
    load_model: Callable[..., Bundle], encode: Callable[..., Tensor], kind: str
) -> None:
    bundle = load_model(kind, "fp32")
    states = TextStates(bundle, TensorCache(None, bundle.card.ref, "test"))
    with torch.inference_mode():
        for text in ("", "a red cat", "An owl: 3.5, é 梟!", "cat " * 75):
            assert torch.equal(states.prompt(Prompt(text)), encode(bundle, text)[0])


@pytest.mark.parametrize("kind", ["text", "text_2"])
@pytest.mark.parametrize("long", ["look", "negative"])
def test_long_prompts_end_where_the_pipeline_does_with_their_windows(
    load_model: Callable[..., Bundle],
    stock_text_pipeline: Callable[..., Any],
    stock_scheduler: Callable[..., Any],
    encode: Callable[..., Tensor],
    pictures: Any,
    kind: str,
    long: str,
) -> None:
    bundle = load_model(kind, "fp32")
    size = bundle.card.native
    texts = [Prompt(FIRST + LAST), Prompt("a (blurred:1.3) dog")]
    look, negative = texts if long == "look" else texts[::-1]
    wanted = Recipe(
        bundle.card.ref, (Weighted(look),), Noise(7), size,
        steps=STEPS, guidance=GUIDANCE, negative=negative, sampler="ddim",
    )  # fmt: skip
    ours = Renderer(bundle, pictures).latents([wanted])

    # 7 tokens a cat: ten of them fill 70, and the eleventh does not fit
    parts = (FIRST[: len(FIRST) // 12 * 10], FIRST[len(FIRST) // 12 * 10 :] + LAST)
    windows = torch.cat([encode(bundle, part) for part in parts], dim=1)
    plain = encode(bundle, "a blurred dog")
    weights = torch.ones(77, 1)
    weights[2] = 1.3
    blurred = plain * weights
    if blurred.mean().abs() > 1e-6 * plain.abs().mean():
        blurred *= plain.mean() / blurred.mean()
    padded = torch.cat([blurred, encode(bundle, "")], dim=1)
    shown, against = (windows, padded) if long == "look" else (padded, windows)

    pipeline = stock_text_pipeline(bundle, stock_scheduler(bundle, "ddim", "trailing"))
    start = torch.Generator("cpu").manual_seed(7)
    noise = torch.randn((1, *bundle.latent_shape(size)), generator=start)
    theirs = pipeline(
        prompt_embeds=shown, negative_prompt_embeds=against,
        height=size.height, width=size.width, num_inference_steps=STEPS,
        guidance_scale=GUIDANCE, latents=noise, output_type="latent",
    ).images  # fmt: skip
    assert error(ours, theirs) <= LIMIT
    # what is compared matters: without the emphasis it ends elsewhere
    flat = Recipe(
        bundle.card.ref, (Weighted(Prompt("a blurred dog") if look == texts[1] else look),),
        Noise(7), size, steps=STEPS, guidance=GUIDANCE, sampler="ddim",
        negative=Prompt("a blurred dog") if look == texts[0] else negative,
    )  # fmt: skip
    assert error(Renderer(bundle, pictures).latents([flat]), theirs) > 10 * LIMIT
