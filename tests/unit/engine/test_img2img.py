"""Pictures noised to a strength: which steps are made, and what the result depends on."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
import torch
from diffusers import DDIMScheduler

from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.sampler import SamplerSetup
from imvar_studio.engine.samplers import built_in_samplers
from imvar_studio.engine.sampling import sample
from imvar_studio.engine.shrunk import SideBySide, reach_of, shrunk
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Prompt
from imvar_studio.model.start import Between, Circle, Encode, Inverted, Noise
from tests.unit.engine.test_renderer import check_slots
from tests.unit.engine.test_samplers import NAMES, SCHEDULE

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.sampler import Sampler
    from imvar_studio.model.recipe import Recipe

SPACINGS = ("trailing", "leading")
DEVICE = torch.device("cpu")


def made(name: str, steps: int, spacing: str, begin: int = 0, **changes: Any) -> Sampler:
    def generators(step: int) -> list[torch.Generator]:
        return [torch.Generator().manual_seed(step)]

    setup = SamplerSetup(SCHEDULE | changes, steps, spacing, DEVICE, None, None, generators, begin)
    return built_in_samplers()[name].content(setup)


def drawn(seed: int) -> Tensor:
    return torch.randn((1, 4, 3, 3), generator=torch.Generator().manual_seed(seed))


def level(t: float) -> tuple[float, float]:
    """Signal and noise at a timestep, between two of the training's on a line."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    amplitude = torch.cumprod(1 - betas, 0).sqrt()
    low = min(int(t), 998)
    a = torch.lerp(amplitude[low], amplitude[low + 1], t - low).item()
    return a, (1 - a**2) ** 0.5


@pytest.mark.parametrize("begin", [1, 2, 5, 9])
@pytest.mark.parametrize(("name", "spacing"), list(product(NAMES, SPACINGS)))
def test_every_sampler_begins_later_and_still_leads_to_the_picture(
    name: str, spacing: str, begin: int
) -> None:
    sampler, x0, noise = made(name, 10, spacing, begin), drawn(1), drawn(2)
    whole = made(name, 10, spacing).timesteps.tolist()
    left = list(dict.fromkeys(whole))[begin:]
    assert list(dict.fromkeys(sampler.timesteps.tolist())) == left
    shown = []

    def predict(x: Tensor, t: Tensor) -> Tensor:
        a, s = level(float(t))
        shown.append(((x - a * x0) / s - noise).abs().max().item())
        return (x - a * x0) / s

    final = sample(sampler.noised(x0, noise, 0), sampler, predict)
    assert shown[0] < 1e-4  # the noise is of the first step's level
    assert (final - x0).abs().max() < 0.15
    assert (final - x0).abs().mean() < 0.04
    if name in ("ddim", "dpmpp-2m", "unipc", "euler", "lms", "pndm"):
        assert max(shown) < 0.02  # and every later one meets its own


@pytest.mark.parametrize(("name", "spacing"), list(product(NAMES, SPACINGS)))
def test_pictures_side_by_side_run_on_schedules_of_their_own(name: str, spacing: str) -> None:
    reaches = (0.013, 0.35, 0.8, 1.0)
    own = [made(name, 10, spacing, **shrunk(SCHEDULE, reach)) for reach in reaches]
    sampler = SideBySide(own, reaches)
    x0, noise = (torch.cat([drawn(n + i) for i in range(4)]) for n in (10, 20))
    for column, reach in zip(sampler.timesteps.T.tolist(), reaches, strict=True):
        assert 0 <= min(column) <= max(column) < 1000 * reach
        assert max(column) > 850 * reach
    first: list[Tensor] = []

    def predict(x: Tensor, t: Tensor) -> Tensor:
        a, s = (torch.tensor(v)[:, None, None, None] for v in zip(*map(level, t), strict=True))
        first.append((x - a * x0) / s)
        return first[-1]

    final = sample(sampler.noised(x0, noise, 0), sampler, predict)
    assert (first[0] - noise).abs().max() < 5e-3
    assert (final - x0).abs().max() < 0.15


def test_a_shrunk_schedule_is_the_models_own_read_more_finely() -> None:
    zero = SCHEDULE | {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True}
    for config in (SCHEDULE, zero):
        assert shrunk(config, 1.0) is config
        whole = DDIMScheduler.from_config(config).alphas_cumprod.sqrt()
        half = DDIMScheduler.from_config(shrunk(config, 0.5)).alphas_cumprod.sqrt()
        assert len(half) == 1000
        assert (half[::2] - whole[:500]).abs().max() < 1e-5
        assert (half[1::2] - (whole[:500] + whole[1:501]) / 2).abs().max() < 1e-5
    assert reach_of(SCHEDULE, 0.4, 16) == 0.4
    assert reach_of(SCHEDULE, 1e-9, 16) == pytest.approx(0.0016)
    assert reach_of(SCHEDULE, 1e-9, 1000) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("strength", "continuous", "calls"),
    [(0.0001, False, 1), (0.24, False, 1), (0.25, False, 2), (0.99, False, 7), (1.0, False, 8),
     (0.0001, True, 8), (0.5, True, 8), (1.0, True, 8)],
)  # fmt: skip
def test_strength_says_how_many_steps_are_made(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, unet_calls: Callable[..., Any],
    strength: float, continuous: bool, calls: int,
) -> None:  # fmt: skip
    start = Encode(pictures.asset("waves 64x64"), strength, 1, continuous)
    told: list[tuple[str, int, int]] = []
    with unet_calls(tiny) as made_calls:
        latents = Renderer(tiny, pictures).latents(
            [recipe(tiny, start=start, steps=8)], lambda *report: told.append(report)
        )
    assert len(made_calls) == calls
    assert told == [("denoising", step, calls) for step in range(1, calls + 1)]
    assert torch.isfinite(latents).all()


@pytest.mark.parametrize("continuous", [False, True])
def test_the_least_strength_leaves_the_picture_and_the_most_takes_it(
    load_model: Callable[..., Bundle], recipe: Callable[..., Recipe], pictures: Any,
    continuous: bool,
) -> None:  # fmt: skip
    bundle = load_model("starter", "fp32")
    asset, renderer = pictures.asset("cat.jpg"), Renderer(bundle, pictures)
    look = recipe(bundle, Prompt("a red apple"))

    def final(strength: float) -> Tensor:
        start = Encode(asset, strength, 1, continuous)
        return renderer.latents([replace(look, start=start, steps=8 if continuous else 16)])

    own = renderer._starts.clean(replace(look, start=Encode(asset, 0.5, 1)))[None]
    away = [(final(strength) - own).norm() / own.norm() for strength in (0.01, 0.5, 1.0)]
    assert away[0] < 0.35
    assert away[0] < 0.5 * away[1]
    assert away[1] < away[2]


@pytest.mark.parametrize("sampler", ["ddim", "dpmpp-2m", "unipc", "euler", "lms", "pndm"])
def test_continuous_strength_does_not_pop(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, sampler: str
) -> None:
    """Nowhere a jump, where whole steps come and go: at every eighth of 8 steps."""
    asset, renderer = pictures.asset("waves 64x64"), Renderer(tiny, pictures)

    def final(strength: float, *, continuous: bool) -> Tensor:
        start = Encode(asset, strength, 1, continuous)
        return renderer.latents([recipe(tiny, start=start, steps=8, sampler=sampler, guidance=1.0)])

    def jump(at: float, by: float, *, continuous: bool) -> float:
        a, b = (final(s, continuous=continuous) for s in (at - by / 2, at + by / 2))
        return ((b - a).norm() / a.norm()).item()

    for at in (0.25, 0.43, 0.625):
        large, small = (jump(at, by, continuous=True) for by in (0.01, 0.0001))
        print(f"{at}: {large:.4f} by 0.01, {small:.6f} by 0.0001")
        assert large < 0.2  # lms: 0.13, the others 0.04
        assert small < 0.003
    for at in (0.25, 0.625):
        print(f"{at} stepped: {jump(at, 0.0001, continuous=False):.4f} by 0.0001")
        assert jump(at, 0.0001, continuous=False) > 0.1


@pytest.mark.parametrize("continuous", [False, True])
@pytest.mark.parametrize("sampler", ["dpmpp-2m", "ddim", "euler", "lms"])
def test_bits_depend_neither_on_slot_nor_on_neighbours(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, sampler: str, continuous: bool
) -> None:
    assets = [pictures.asset(f"waves {side}x64") for side in (64, 72, 80, 96)]
    strengths = (0.5, 0.7, 0.31, 0.9) if continuous else (0.5,) * 4
    recipes = [
        recipe(tiny, start=Encode(asset, strength, seed, continuous), sampler=sampler)
        for seed, (asset, strength) in enumerate(zip(assets, strengths, strict=True))
    ]
    check_slots(Renderer(tiny, pictures), recipes[0], recipes[1:])


def test_eta_is_each_pictures_own_on_schedules_of_their_own(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    asset = pictures.asset("waves 64x64")
    recipes = [
        recipe(
            tiny, start=Encode(asset, 0.4 + seed / 10, 1, True), sampler="ddim",
            eta=0.2 * seed, variance=Noise(seed),
        )
        for seed in range(1, 5)
    ]  # fmt: skip
    check_slots(Renderer(tiny, pictures), recipes[0], recipes[1:])
    calm = replace(recipes[0], eta=0.0, variance=None)
    renderer = Renderer(tiny, pictures)
    assert (renderer.latents([recipes[0]]) - renderer.latents([calm])).abs().max() > 0.01


def test_glimpses_of_pictures_on_schedules_of_their_own(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    asset, renderer = pictures.asset("waves 64x64"), Renderer(tiny, pictures)
    recipes = [recipe(tiny, start=Encode(asset, s, 1, True), steps=3) for s in (0.3, 0.9)]
    seen: list[Tensor] = []
    made = renderer.render(recipes, 2, [0, 1], on_latents=lambda *told: seen.append(told[2]()))
    plain = renderer.render(recipes, 2, [0, 1])
    assert [(a == b).all() for a, b in zip(made, plain, strict=True)] == [True, True]
    end = renderer.latents(recipes)
    assert len(seen) == 3
    assert (seen[-1] - end).abs().max() < 0.1 * end.abs().max()


def test_pictures_are_encoded_once_and_in_tiles_where_asked(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, cache: Any
) -> None:
    wanted = recipe(tiny, start=Encode(pictures.asset("waves 128x128"), 0.5, 1))
    first = Renderer(tiny, pictures, cache)
    first.prepare([wanted])
    before = pictures.loads
    again = first.latents([wanted]), Renderer(tiny, pictures, cache).latents([wanted])
    assert torch.equal(*again)
    assert pictures.loads == before + 1  # for the look, which was not prepared
    first.use_tiles("encode")
    first.prepare([wanted])
    assert pictures.loads == before + 2


def test_starts_that_do_not_go_together_are_refused(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    asset, renderer = pictures.asset("waves 64x64"), Renderer(tiny, pictures)
    half, more = Encode(asset, 0.5, 1), Encode(asset, 0.6, 1)
    for start, said in (
        (Between(half, more, 0.5), "to different strengths: give both the same strength"),
        (Between(half, replace(half, continuous=True), 0.5), "to different strengths: give both"),
        (Between(half, Noise(1), 0.5), "another kind of start: give both the same kind"),
        (Between(Inverted(asset), half, 0.5), "another kind of start: give both the same kind"),
        (Circle(half, half, 0.5), "leads through noise alone: start from the picture"),
        (Circle(Noise(1), half, 0.5), "leads through noise alone: start from the picture"),
        (Circle(half, Inverted(asset), 0.5), "leads through noise alone: start from the"),
    ):
        with pytest.raises(SpecError, match=said) as caught:
            renderer.latents([recipe(tiny, start=start, sampler="ddim")])
        assert caught.value.field == "start"
