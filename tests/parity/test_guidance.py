"""Guidance and ensembles against the formula, on the UNet as diffusers loads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from imvar_studio.engine.guidance import Guided
from imvar_studio.engine.renderer import Renderer
from imvar_studio.model.look import Join, Prompt, Weighted
from imvar_studio.model.recipe import Recipe
from imvar_studio.model.start import Noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle

GUIDANCE = (0.0, 0.5, 1.0, 3.0, 7.5)
T = torch.tensor(500)


def error(ours: Tensor, theirs: Tensor) -> float:
    assert ours.shape == theirs.shape
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()


def normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def bundle(load_model: Callable[..., Bundle]) -> Bundle:
    return load_model("v_prediction", "fp32")


@pytest.fixture
def unet(bundle: Bundle, stock_unet: Callable[..., Any]) -> Callable[..., Tensor]:
    model = stock_unet(bundle.card.path)
    return lambda x, condition, t=T: model(x, t, condition).sample


@pytest.mark.parametrize("guidance", GUIDANCE)
@torch.inference_mode()
def test_guidance_is_its_formula(
    bundle: Bundle, unet: Callable[..., Tensor], guidance: float
) -> None:
    x, plain, look = normal(1, 1, 4, 8, 8), normal(2, 1, 1, 32), normal(3, 1, 1, 32)
    conditions = torch.stack([plain, look])
    guided = Guided(bundle, conditions, torch.ones(1, 1), torch.tensor([guidance]))(x, T)
    eps_u, eps_c = unet(x, plain), unet(x, look)
    assert error(guided, eps_u + guidance * (eps_c - eps_u)) < 1e-5
    assert error(eps_c, eps_u) > 0.01


@pytest.mark.parametrize("weights", [(3.0, 1.0), (1.0, 0.0), (0.5, 0.3, 0.2)])
@torch.inference_mode()
def test_an_ensemble_averages_predictions(
    bundle: Bundle, unet: Callable[..., Tensor], weights: tuple[float, ...]
) -> None:
    x, plain = normal(1, 1, 4, 8, 8), torch.zeros(1, 1, 32)
    looks = [normal(10 + i, 1, 1, 32) for i in range(len(weights))]
    shares = torch.tensor(weights)[:, None] / sum(weights)
    guided = Guided(bundle, torch.stack([plain, *looks]), shares, torch.tensor([3.0]))(x, T)
    parts = [unet(x, look) for look in looks]
    mean = sum(w * part for w, part in zip(weights, parts, strict=True)) / sum(weights)
    eps_u = unet(x, plain)
    assert error(guided, eps_u + 3.0 * (mean - eps_u)) < 1e-5


@torch.inference_mode()
def test_each_picture_of_a_batch_has_its_own_guidance_weights_and_looks(
    bundle: Bundle, unet: Callable[..., Tensor]
) -> None:
    x = normal(1, 2, 4, 8, 8)
    conditions = normal(2, 3, 2, 1, 32)
    weights, guidance = torch.tensor([[0.75, 0.1], [0.25, 0.9]]), torch.tensor([0.5, 4.0])
    guided = Guided(bundle, conditions, weights, guidance)(x, T)
    for b in range(2):
        eps_u, one, two = (unet(x[b : b + 1], conditions[i, b : b + 1]) for i in range(3))
        mean = weights[0, b] * one + weights[1, b] * two
        assert error(guided[b : b + 1], eps_u + guidance[b] * (mean - eps_u)) < 1e-5


@pytest.mark.parametrize("guidance", GUIDANCE)
@pytest.mark.parametrize("weights", [(1.0,), (2.0, 1.0), (1.0, 2.0, 5.0)])
@torch.inference_mode()
def test_a_recipe_is_sampled_as_the_formulas_say(
    bundle: Bundle,
    unet: Callable[..., Tensor],
    pictures: Any,
    stock_scheduler: Callable[..., Any],
    weights: tuple[float, ...],
    guidance: float,
) -> None:
    """From recipe to latents: looks through the towers, weights that do not sum to 1."""
    texts = ("a red cat", "a boat", "a bird in the snow")[: len(weights)]
    looks = tuple(Weighted(Prompt(t), w) for t, w in zip(texts, weights, strict=True))
    recipe = Recipe(
        bundle.card.ref, looks, Noise(5), bundle.card.native,
        steps=4, guidance=guidance, sampler="ddim", negative=Prompt("a dog"),
    )  # fmt: skip
    ours = Renderer(bundle, pictures).latents([recipe])

    def embed(text: str) -> Tensor:
        ids = bundle.tokenizer(text, padding="max_length", max_length=32, return_tensors="pt")
        return bundle.text_tower(**ids).text_embeds[:, None]

    scheduler = stock_scheduler(bundle, "ddim", "trailing")
    scheduler.set_timesteps(4)
    x = normal(5, 1, 4, 8, 8)
    for t in scheduler.timesteps:
        eps_u = unet(x, embed("a dog"), t)
        parts = [w * unet(x, embed(text), t) for text, w in zip(texts, weights, strict=True)]
        mean = sum(parts) / sum(weights)
        x = scheduler.step(eps_u + guidance * (mean - eps_u), t, x).prev_sample
    assert error(ours, x) < 1e-4


def test_no_guidance_is_the_negative_look_alone_and_1_the_look_alone(
    bundle: Bundle, pictures: Any
) -> None:
    renderer = Renderer(bundle, pictures)

    def final(text: str, negative: str, guidance: float) -> Tensor:
        recipe = Recipe(
            bundle.card.ref, (Weighted(Prompt(text)),), Noise(5), bundle.card.native,
            steps=4, guidance=guidance, negative=Prompt(negative),
        )  # fmt: skip
        return renderer.latents([recipe])

    assert torch.equal(final("a cat", "a dog", 0), final("a boat", "a dog", 0))
    assert error(final("a cat", "a dog", 1), final("a cat", "a boat", 1)) < 1e-5
    assert error(final("a cat", "a dog", 0), final("a dog", "a cat", 1)) < 1e-5
    assert error(final("a cat", "a dog", 3), final("a boat", "a dog", 3)) > 0.01


@torch.inference_mode()
def test_looks_of_different_token_counts_share_a_batch_as_if_each_were_alone(
    bundle: Bundle, unet: Callable[..., Tensor], pictures: Any, stock_scheduler: Callable[..., Any]
) -> None:
    two = Join((Prompt("a cat"), Prompt("a boat")))
    three = Join((Prompt("a dog"), Prompt("a tree"), Prompt("a cup")))
    recipe = Recipe(
        bundle.card.ref, (Weighted(two), Weighted(three)), Noise(5), bundle.card.native,
        steps=2, guidance=3.0, sampler="ddim",
    )  # fmt: skip
    ours = Renderer(bundle, pictures).latents([recipe])

    def embed(*texts: str) -> Tensor:
        ids = bundle.tokenizer(
            list(texts), padding="max_length", max_length=32, return_tensors="pt"
        )
        return bundle.text_tower(**ids).text_embeds[None]

    scheduler = stock_scheduler(bundle, "ddim", "trailing")
    scheduler.set_timesteps(2)
    x = normal(5, 1, 4, 8, 8)
    for t in scheduler.timesteps:
        eps_u = unet(x, torch.zeros(1, 1, 32), t)
        first = unet(x, embed("a cat", "a boat"), t)
        second = unet(x, embed("a dog", "a tree", "a cup"), t)
        guided = eps_u + 3.0 * ((first + second) / 2 - eps_u)
        x = scheduler.step(guided, t, x).prev_sample
    assert error(ours, x) < 1e-4
