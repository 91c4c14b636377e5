"""Ensembles: one average of predictions a step, against two other ways to say the same.

By hand, the UNet's outputs are averaged at each step and stepped once; or each look makes its
own step from the shared latents, with a scheduler of its own, and the steps are averaged. Both
are the same where a step is linear in latents and predictions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch

from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.starts import variance_generator
from imvar_studio.model.look import Mix, Prompt, Weighted
from imvar_studio.model.model_card import TEXT
from imvar_studio.model.recipe import STOCHASTIC_SAMPLERS, Recipe
from imvar_studio.model.start import Noise
from tests.parity.measure import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle

LIMIT = 1e-4
SAMPLERS = ("ddim", "dpmpp-2m", "unipc", "euler", "lms", "pndm", *STOCHASTIC_SAMPLERS)
TEXTS = ("a red cat", "a boat on the sea", "a bird in the snow")
WEIGHTS = ((3.0, 1.0), (0.5, 2.0, 1.2))
STEPS, GUIDANCE = 8, 3.0


class Case:
    """One ensemble: its recipe, and its guided prediction for each look alone."""

    def __init__(self, bundle: Bundle, unet: Any, weights: tuple[float, ...], sampler: str) -> None:
        texts = TEXTS[: len(weights)]
        self.bundle, self.unet, self.sampler = bundle, unet, sampler
        self.recipe = Recipe(
            bundle.card.ref,
            tuple(Weighted(Prompt(t), w) for t, w in zip(texts, weights, strict=True)),
            Noise(5), bundle.card.native, negative=Prompt("a dog"),
            steps=STEPS, guidance=GUIDANCE, sampler=sampler,
            variance=Noise(9) if sampler in STOCHASTIC_SAMPLERS else None,
        )  # fmt: skip
        self.shares = [w / sum(weights) for w in weights]
        self.looks = [self.embed(text) for text in texts]
        self.negative = self.embed("a dog")

    @torch.inference_mode()
    def embed(self, text: str) -> Tensor:
        bundle = self.bundle
        ids = bundle.tokenizer(
            text, padding="max_length", max_length=bundle.card.window, return_tensors="pt"
        ).input_ids
        output = bundle.text_tower(ids)
        text = bundle.card.family == TEXT
        return output.last_hidden_state if text else output.text_embeds[:, None]

    def start(self, scheduler: Any) -> Tensor:
        shape = self.bundle.latent_shape(self.bundle.card.native)
        noise = torch.randn((1, *shape), generator=torch.Generator().manual_seed(5))
        return noise * scheduler.init_noise_sigma

    def drawn(self, step: int, seed: int = 9) -> dict[str, Any]:
        if self.sampler not in STOCHASTIC_SAMPLERS:
            return {}
        recipe = replace(self.recipe, variance=Noise(seed))
        return {"generator": [variance_generator(recipe, step)]}

    def guided(self, x: Tensor, t: Tensor, look: Tensor) -> Tensor:
        plain = self.unet(x, t, self.negative).sample
        return plain + GUIDANCE * (self.unet(x, t, look).sample - plain)

    @torch.inference_mode()
    def averaged_predictions(self, scheduler: Any) -> Tensor:
        scheduler.set_timesteps(STEPS)
        x = self.start(scheduler)
        for step, t in enumerate(scheduler.timesteps):
            shown = scheduler.scale_model_input(x, t)
            plain = self.unet(shown, t, self.negative).sample
            outputs = [self.unet(shown, t, look).sample for look in self.looks]
            mean = sum(w * each for w, each in zip(self.shares, outputs, strict=True))
            guided = plain + GUIDANCE * (mean - plain)
            x = scheduler.step(guided, t, x, **self.drawn(step)).prev_sample
        return x

    @torch.inference_mode()
    def averaged_steps(self, schedulers: list[Any], seeds: tuple[int, ...] = (9, 9, 9)) -> Tensor:
        for each in schedulers:
            each.set_timesteps(STEPS)
        x = self.start(schedulers[0])
        for step, t in enumerate(schedulers[0].timesteps):
            stepped = [
                own.step(
                    self.guided(own.scale_model_input(x, t), t, look), t, x,
                    **self.drawn(step, seed),
                ).prev_sample
                for own, look, seed in zip(schedulers, self.looks, seeds, strict=False)
            ]  # fmt: skip
            x = sum(w * each for w, each in zip(self.shares, stepped, strict=True))
        return x

    @torch.inference_mode()
    def averaged_conditions(self, pictures: Any) -> Tensor:
        """What an ensemble is not: one look between the looks."""
        mixed = replace(self.recipe, looks=(Weighted(Mix(self.recipe.looks)),))
        return Renderer(self.bundle, pictures).latents([mixed])


@pytest.fixture
def case(
    load_model: Callable[..., Bundle], stock_unet: Callable[..., Any]
) -> Callable[[str, tuple[float, ...], str], Case]:
    def make(kind: str, weights: tuple[float, ...], sampler: str) -> Case:
        bundle = load_model(kind, "fp32")
        return Case(bundle, stock_unet(bundle.card.path), weights, sampler)

    return make


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("kind", ["v_prediction", "text"])
def test_an_ensemble_is_the_average_of_predictions_and_of_steps(
    case: Callable[..., Case],
    stock_scheduler: Callable[..., Any],
    pictures: Any,
    kind: str,
    weights: tuple[float, ...],
    sampler: str,
) -> None:
    one = case(kind, weights, sampler)
    ours = Renderer(one.bundle, pictures).latents([one.recipe])

    def scheduler() -> Any:
        return stock_scheduler(one.bundle, sampler, "trailing")

    assert error(ours, one.averaged_predictions(scheduler())) <= LIMIT
    # all eight steps are linear in the latents, the prediction and the ones kept from before
    assert error(ours, one.averaged_steps([scheduler() for _ in weights])) <= LIMIT
    # the test can fail: conditions averaged, or other weights, are other pictures
    assert error(ours, one.averaged_conditions(pictures)) > 10 * LIMIT
    equal = tuple(Weighted(each.look) for each in one.recipe.looks)
    other = Renderer(one.bundle, pictures).latents([replace(one.recipe, looks=equal)])
    assert error(ours, other) > 10 * LIMIT


@pytest.mark.parametrize("sampler", STOCHASTIC_SAMPLERS)
def test_looks_that_draw_noise_each_for_itself_make_another_picture(
    case: Callable[..., Case], stock_scheduler: Callable[..., Any], pictures: Any, sampler: str
) -> None:
    """Averaging noises would lessen them: an ensemble has one noise."""
    one = case("v_prediction", WEIGHTS[1], sampler)
    ours = Renderer(one.bundle, pictures).latents([one.recipe])
    schedulers = [stock_scheduler(one.bundle, sampler, "trailing") for _ in range(3)]
    assert error(ours, one.averaged_steps(schedulers, (9, 10, 11))) > 0.01


def test_a_schedule_that_clips_averages_predictions_before_it_clips(
    case: Callable[..., Case], stock_scheduler: Callable[..., Any], pictures: Any
) -> None:
    """Clipping is not linear: there the two ways differ, and ours is the first."""
    one = case("v_prediction", WEIGHTS[0], "ddim")
    config = {**one.bundle.scheduler_config, "clip_sample": True}
    one.bundle = replace(one.bundle, scheduler_config=config)
    ours = Renderer(one.bundle, pictures).latents([one.recipe])

    def scheduler() -> Any:
        return stock_scheduler(one.bundle, "ddim", "trailing")

    assert error(ours, one.averaged_predictions(scheduler())) <= LIMIT
    assert error(ours, one.averaged_steps([scheduler(), scheduler()])) > 10 * LIMIT
