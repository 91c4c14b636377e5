"""Samplers by themselves: an exact prediction leads each of them to the picture."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
import torch

from imvar_studio.engine.ddim import make_grid
from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.sampler import SamplerSetup
from imvar_studio.engine.samplers import built_in_samplers
from imvar_studio.engine.sampling import sample
from imvar_studio.model.errors import SpecError
from imvar_studio.model.recipe import STOCHASTIC_SAMPLERS
from imvar_studio.model.start import Noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.sampler import Sampler
    from imvar_studio.model.recipe import Recipe

NAMES = ("dpmpp-2m", "unipc", "ddim", "euler", "euler-ancestral", "lms", "pndm", "lcm")
SCHEDULE: dict[str, Any] = {
    "_class_name": "PNDMScheduler",
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "clip_sample": False,
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "prediction_type": "epsilon",
}
CPU = torch.device("cpu")


def generators(step: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(100 * step + i) for i in range(2)]


def made(name: str, steps: int, spacing: str = "trailing", **changes: Any) -> Sampler:
    setup = SamplerSetup(SCHEDULE | changes, steps, spacing, CPU, generators=generators)
    return built_in_samplers()[name].content(setup)


def refusal(name: str, steps: int, spacing: str = "trailing", **changes: Any) -> SpecError:
    with pytest.raises(SpecError) as caught:
        made(name, steps, spacing, **changes)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200
    return caught.value


def level(t: float) -> tuple[float, float]:
    """Signal and noise of the training's schedule at a timestep, by its formula."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    bar = torch.cumprod(1 - betas, 0)[round(float(t))].item()
    return bar**0.5, (1 - bar) ** 0.5


def test_the_registry_has_all_eight() -> None:
    entries = list(built_in_samplers())
    assert tuple(entry.name for entry in entries) == NAMES
    assert set(STOCHASTIC_SAMPLERS) < set(NAMES)
    assert len({entry.label for entry in entries}) == len(NAMES)
    assert all(entry.about for entry in entries)


def exact(name: str, steps: int, spacing: str, prediction: str) -> bool:
    """Whether a sampler's steps are exact: PNDM's few of v are not, on linspace it has none."""
    few = steps in (2, 5) and prediction == "v_prediction"
    return name != "pndm" or not (few or spacing == "linspace")


def test_what_two_samplers_cannot_do_is_said() -> None:
    said = refusal("pndm", 5, "linspace")
    assert (said.field, said.remedy) == ("spacing", "choose another")
    for name in ("pndm", "lms"):
        said = refusal(name, 5, rescale_betas_zero_snr=True)
        assert f"the sampler {name} does not know schedules of zero terminal SNR" in str(said)
        assert said.field == "sampler"


@pytest.mark.parametrize(
    ("name", "steps", "spacing", "prediction"),
    [
        case
        for case in product(
            NAMES, (1, 2, 5, 16, 50), ("trailing", "leading", "linspace"),
            ("epsilon", "v_prediction"),
        )
        if exact(*case)
    ],
)  # fmt: skip
def test_a_perfect_prediction_leads_to_the_picture(
    name: str, steps: int, spacing: str, prediction: str
) -> None:
    """Also that latents of unit power meet each sampler at `latent_scale`."""
    sampler = made(name, steps, spacing, prediction_type=prediction)
    x0 = torch.randn((2, 4, 3, 3), generator=torch.Generator().manual_seed(1))
    noise = torch.randn((2, 4, 3, 3), generator=torch.Generator().manual_seed(2))

    def predict(x: Tensor, t: Tensor) -> Tensor:
        a, s = level(t)
        eps = (x - a * x0) / s
        return eps if prediction == "epsilon" else a * eps - s * x0

    a, s = level(sampler.timesteps[0])
    x = (a * x0 + s * noise) * sampler.latent_scale
    final = sample(x, sampler, predict)
    # the last level of a schedule keeps 3 % of noise
    assert (final - x0).abs().max() < 0.15
    assert (final - x0).abs().mean() < 0.04


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spacing", ["trailing", "leading", "linspace"])
def test_timesteps_fall_within_the_schedule(name: str, spacing: str) -> None:
    for steps in (1, 2, 3, 7, 16, 50, 61, 103, 333, 499, 998):  # 61, 103, 499, 998: see below
        if (name == "lcm" and steps > 50) or (name, spacing) == ("pndm", "linspace"):
            continue
        sampler = made(name, steps, spacing)
        t = sampler.timesteps.tolist()
        assert t == sorted(t, reverse=True)
        assert 0 <= min(t) <= max(t) <= 999
        # PNDM makes its second step twice
        assert len(t) == steps + (name == "pndm" and steps > 1)


@pytest.mark.parametrize("name", ["ddim", "dpmpp-2m", "unipc", "euler", "lms"])
@pytest.mark.parametrize("steps", [61, 103, 121, 122, 499])
def test_step_counts_that_diffusers_miscounts_are_as_good_as_their_neighbours(
    name: str, steps: int
) -> None:
    """At them diffusers' trailing grid goes on to the timestep -1, for most the noisiest."""

    def final(steps: int) -> Tensor:
        sampler = made(name, steps)
        assert sampler.timesteps.tolist() == [
            round(1000 - i * 1000 / steps) - 1 for i in range(steps)
        ]
        noise = torch.randn((1, 4, 2, 2), generator=torch.Generator().manual_seed(2))
        shown = []

        def predict(x: Tensor, t: Tensor) -> Tensor:  # of a model that knows pictures of one
            a, s = level(max(float(t), 0))  # spread about one colour
            shown.append(float(t))
            return s * (x - a * 0.7) / (0.04 * a**2 + s**2)

        end = sample(noise * sampler.noise_scale, sampler, predict)
        assert len(shown) == steps
        return end

    assert (final(steps) - final(steps + 3)).abs().max() < 0.05


@pytest.mark.parametrize("name", NAMES)
def test_samplers_that_scale_are_those_in_sigmas(name: str) -> None:
    sampler = made(name, 10)
    stretched = name in {"euler", "euler-ancestral", "lms"}
    a, s = level(999)
    assert sampler.latent_scale == pytest.approx(1 / a if stretched else 1, rel=1e-4)
    assert sampler.noise_scale == pytest.approx(s / a if stretched else 1, rel=0.02)
    x = torch.ones(1, 4, 2, 2)
    shown = sampler.model_input(x, 0)
    assert shown.mean().item() == pytest.approx(a if stretched else 1, rel=1e-4)


@pytest.mark.parametrize("name", ["ddim", "dpmpp-2m", "unipc", "euler", "lms", "pndm"])
def test_more_steps_than_the_schedule_has_are_refused(name: str) -> None:
    said = refusal(name, 1001)
    assert said.field == "steps"
    assert "1000 timesteps" in str(said)
    said = refusal(name, 101, num_train_timesteps=100)
    assert "100 timesteps" in str(said)
    assert said.remedy
    made(name, 100, num_train_timesteps=100)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spacing", ["trailing", "leading", "linspace"])
def test_every_step_count_is_sampled_or_refused(name: str, spacing: str) -> None:
    """Never a traceback in the middle of a picture: with offset 1, the last grid leaves it."""
    if (name, spacing) == ("pndm", "linspace"):
        assert refusal(name, 16, spacing).field == "spacing"
        return
    multistep = name in {"dpmpp-2m", "unipc"}  # whose leading grid has a step between
    for steps in (333, 500, 501, 999, 1000):
        if name == "lcm" or (spacing == "leading" and steps >= 1000 - multistep):
            assert refusal(name, steps, spacing).field == "steps"
            continue
        sampler = made(name, steps, spacing)
        x = torch.ones(2, 4, 1, 1)
        for step in (0, 1, 2, 3):
            x = sampler.step(0.1 * sampler.model_input(x, step), step, x)
        assert torch.isfinite(x).all()


def test_the_inversions_grid_is_refused_alike() -> None:
    for steps, spacing in ((1001, "trailing"), (1000, "leading")):
        with pytest.raises(SpecError, match=r"schedule has 1000 timesteps") as caught:
            make_grid(SCHEDULE, steps, spacing)
        assert caught.value.field == "steps"
    assert len(make_grid(SCHEDULE, 1000, "trailing").timesteps) == 1000
    assert len(make_grid(SCHEDULE, 999, "leading").timesteps) == 999


def test_lcm_takes_few_steps() -> None:
    assert len(made("lcm", 50).timesteps) == 50
    said = refusal("lcm", 51)
    assert (said.field, str(said)) == ("steps", "the sampler lcm takes at most 50 steps, got 51")
    refusal("lcm", 1000)
    # a model says how many it was distilled with
    assert len(made("lcm", 100, original_inference_steps=100).timesteps) == 100
    assert "at most 20 steps" in str(refusal("lcm", 21, original_inference_steps=20))


@pytest.mark.parametrize("name", STOCHASTIC_SAMPLERS)
def test_drawing_samplers_need_generators(name: str) -> None:
    setup = SamplerSetup(SCHEDULE, 4, "trailing", CPU)
    with pytest.raises(SpecError, match="the sampler draws noise at every step") as caught:
        built_in_samplers()[name].content(setup)
    assert caught.value.field == "variance"


@pytest.mark.parametrize("name", ["pndm", "euler-ancestral"])
def test_models_that_predict_the_picture_are_refused_by_those_that_cannot(name: str) -> None:
    said = refusal(name, 10, prediction_type="sample")
    assert said.field == "sampler"
    assert name in str(said)
    assert said.remedy


def test_each_render_has_a_sampler_of_its_own() -> None:
    entry = built_in_samplers()["unipc"]
    setup = SamplerSetup(SCHEDULE, 5, "trailing", CPU)
    first, second = entry.content(setup), entry.content(setup)
    x = torch.ones(1, 4, 1, 1)
    once = [x := first.step(0.1 * x, step, x) for step in range(5)]
    x = torch.ones(1, 4, 1, 1)
    again = [x := second.step(0.1 * x, step, x) for step in range(5)]
    assert all(map(torch.equal, once, again))


def test_an_unknown_sampler_is_told_the_known_ones(
    tiny: Bundle, pictures: Any, recipe: Callable[..., Recipe]
) -> None:
    with pytest.raises(SpecError) as caught:
        Renderer(tiny, pictures).latents([recipe(tiny, sampler="dpm-fast")])
    assert str(caught.value) == (f"sampler must be one of {', '.join(NAMES)}, got 'dpm-fast'")
    assert caught.value.field == "sampler"


@pytest.mark.parametrize(("sampler", "steps"), [("lcm", 51), ("ddim", 1000), ("euler", 1000)])
def test_a_recipe_with_too_many_steps_is_refused_before_the_unet_runs(
    tiny: Bundle,
    pictures: Any,
    recipe: Callable[..., Recipe],
    unet_calls: Callable[..., Any],
    sampler: str,
    steps: int,
) -> None:
    wanted = recipe(
        tiny, sampler=sampler, steps=steps, spacing="leading",
        variance=Noise(1) if sampler == "lcm" else None,
    )  # fmt: skip
    with unet_calls(tiny) as calls, pytest.raises(SpecError) as caught:
        Renderer(tiny, pictures).latents([wanted])
    assert caught.value.field == "steps"
    assert len(calls) == 0
