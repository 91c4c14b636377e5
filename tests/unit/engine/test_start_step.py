"""Inversions that end where sampling begins: their grid, their count, and where they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from imvar_studio.engine.ddim import Ddim, make_grid
from imvar_studio.engine.inversion import invert_plain
from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.sampling import sample
from imvar_studio.engine.starts import (
    Inversion,
    inversion_evaluations,
    missing_inversions,
)
from imvar_studio.engine.tensor_cache import TensorCache
from imvar_studio.model.source import Asset
from imvar_studio.model.start import Between, InversionSpec, Inverted

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.ddim import Grid
    from imvar_studio.model.recipe import Recipe

CPU = torch.device("cpu")
CONFIG = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
          "clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1,
          "prediction_type": "v_prediction"}  # fmt: skip
ASSET = Asset("ab" * 32)


def inversion(back: int, steps: int, left_out: int, spacing: str, other: str = "") -> Inversion:
    spec = InversionSpec("plain", back, spacing=spacing, start_step=left_out)
    return Inversion(Inverted(ASSET, spec), steps, other or spacing)


@pytest.mark.parametrize(
    ("back", "steps", "left_out", "spacing", "other", "top", "count"),
    [
        (500, 50, 1, "leading", "leading", 961, 481),
        (500, 50, 1, "trailing", "trailing", 979, 490),
        (50, 50, 1, "leading", "leading", 961, 49),
        (50, 50, 49, "leading", "leading", 1, 1),
        (20, 50, 1, "leading", "leading", 961, 21),  # beyond its own noisiest, 951
        (10, 50, 30, "leading", "leading", 381, 5),  # between 301 and 401
        (10, 500, 499, "leading", "leading", 1, 1),
        (20, 10, 3, "trailing", "leading", 601, 13),  # between 599 and 649
    ],
)
def test_it_ends_at_the_very_timestep_and_level_at_which_sampling_begins(
    back: int, steps: int, left_out: int, spacing: str, other: str, top: int, count: int
) -> None:
    wanted = inversion(back, steps, left_out, spacing, other)
    grid, own = wanted.grid(CONFIG), make_grid(CONFIG, back, spacing)
    sampling = make_grid(CONFIG, steps, other)
    assert grid.timesteps[0] == sampling.timesteps[left_out] == top
    assert grid.levels[0] == sampling.levels[left_out]
    assert len(grid.timesteps) == len(grid.levels) - 1 == count
    assert grid.timesteps[1:] == tuple(t for t in own.timesteps if t < top)
    assert grid.levels[1:] == own.levels[len(own.levels) - count :]
    assert inversion_evaluations(wanted, CONFIG) == inversion_evaluations(wanted) == count


def test_without_a_start_step_it_is_its_own_grid() -> None:
    whole = inversion(20, 50, 0, "leading")
    assert whole.grid(CONFIG) == make_grid(CONFIG, 20, "leading")
    assert inversion_evaluations(whole) == 20


def of_a_normal_distribution(grids: list[Grid]) -> Callable[[Tensor, Tensor], Tensor]:
    """v = alpha eps - sigma x0, in closed form where x0 is N(0.4, 0.3^2)."""
    levels = {t: level for grid in grids for t, level in zip(grid.timesteps, grid.levels[:-1])}  # noqa: B905

    def predict(x: Tensor, t: Tensor) -> Tensor:
        a, s = levels[int(t)].alpha, levels[int(t)].sigma
        x0 = 0.4 + 0.09 * a / ((0.3 * a) ** 2 + s**2) * (x - 0.4 * a)
        return a * (x - a * x0) / s - s * x0

    return predict


@pytest.mark.parametrize("back", [500, 60])  # the second has not the sampling's timesteps
@pytest.mark.parametrize("left_out", [200, 250])
def test_what_is_sampled_from_there_leads_back(back: int, left_out: int) -> None:
    noise = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    clean = 0.4 + 0.3 * noise
    sampling = make_grid(CONFIG, 500, "leading")
    cut = inversion(back, 500, left_out, "leading").grid(CONFIG)
    whole = make_grid(CONFIG, back, "leading")
    predict = of_a_normal_distribution([cut, whole, sampling])

    def lost(grid: Grid) -> float:
        noisy = invert_plain(clean, grid, predict)
        returned = sample(noisy, Ddim(sampling.after(left_out), CPU), predict)
        return ((returned - clean).norm() / clean.norm()).item()

    print(f"to its level {lost(cut):.1e}, to the noisiest {lost(whole):.1e}")
    assert lost(cut) < 0.05
    assert lost(cut) < lost(whole) / 2


def from_picture(
    recipe: Callable[..., Recipe], bundle: Bundle, asset: Any, left_out: int, **fields: Any
) -> Recipe:
    start = Inverted(asset, InversionSpec("plain", 20, spacing="leading", start_step=left_out))
    fields = {"steps": 10, "guidance": 1.0} | fields
    return recipe(bundle, start.look, start=start, sampler="ddim", spacing="leading", **fields)


def test_its_steps_are_counted_and_told(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, unet_calls: Callable[..., Any]
) -> None:
    wanted = from_picture(recipe, tiny, pictures.asset("waves 64x64"), 3)
    renderer = Renderer(tiny, pictures)
    reports: list[tuple[str, int, int]] = []
    with unet_calls(tiny) as calls:
        assert renderer.inversions_to_make([wanted]) == 13  # 601 of 1, 51 ... 951
        renderer.prepare([wanted], lambda *report: reports.append(report))
        assert calls.samples == [1] * 13
    assert reports == [("inverting", done, 13) for done in range(1, 14)]
    reports.clear()
    with unet_calls(tiny) as calls:
        renderer.render([wanted], 1, [0], lambda *report: reports.append(report))
        assert len(calls) == 7
    assert reports == [("denoising", done, 7) for done in range(1, 8)]


def test_one_inversion_serves_what_begins_at_its_level(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, cache: Any
) -> None:
    asset = pictures.asset("waves 64x64")
    cut, whole = (from_picture(recipe, tiny, asset, left_out) for left_out in (3, 0))
    renderer = Renderer(tiny, pictures, cache)
    renderer.prepare([cut])
    assert renderer.inversions_to_make([from_picture(recipe, tiny, asset, 3, guidance=3.0)]) == 0
    assert renderer.inversions_to_make([whole]) == 20
    for left_out, fields, count in ((2, {}, 15), (3, {"steps": 12}, 15)):
        other = from_picture(recipe, tiny, asset, left_out, **fields)
        assert renderer.inversions_to_make([other]) == count
        tensors = TensorCache(cache, tiny.card.ref, tiny.compute.fingerprint(1))
        (missing,) = missing_inversions([cut, other], tensors)
        assert inversion_evaluations(missing[0]) == count
    # to its own noisiest level it is the same for all
    renderer.prepare([whole])
    assert renderer.inversions_to_make([from_picture(recipe, tiny, asset, 0, steps=12)]) == 0


def test_pictures_of_one_batch_are_each_begun_from_their_own(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    assets = [pictures.asset(name) for name in ("waves 64x64", "waves 64x80")]
    a, b = (from_picture(recipe, tiny, asset, 3) for asset in assets)
    renderer = Renderer(tiny, pictures)
    alone = torch.cat([renderer.latents([each]) for each in (a, b)])
    torch.testing.assert_close(renderer.latents([a, b]), alone, rtol=1e-4, atol=1e-5)
    between = from_picture(recipe, tiny, assets[0], 3)
    way = recipe(
        tiny, start=Between(between.start, b.start, 1.0), steps=10, guidance=1.0, sampler="ddim",
        spacing="leading",
    )  # fmt: skip
    same = recipe(
        tiny, start=b.start, steps=10, guidance=1.0, sampler="ddim", spacing="leading"
    )  # fmt: skip
    torch.testing.assert_close(renderer.latents([way]), renderer.latents([same]))
