"""Fixed-point inversion: what it reconstructs, what it costs, and that it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from imvar_studio.engine.ddim import Ddim, make_grid, sensitive_timesteps
from imvar_studio.engine.guidance import run_unet
from imvar_studio.engine.inversion import (
    fixed_point_evaluations,
    invert_fixed_point,
    invert_plain,
)
from imvar_studio.engine.pixels import encode
from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.sampling import sample
from imvar_studio.engine.starts import precise_steps
from imvar_studio.model.look import Picture
from imvar_studio.model.start import Between, InversionSpec, Inverted, Noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.ddim import Grid
    from imvar_studio.engine.sampling import Predict
    from imvar_studio.model.recipe import Recipe

CPU = torch.device("cpu")


def clean_latents(bundle: Bundle) -> Tensor:
    """Like a picture's: smooth, of unit power."""
    generator = torch.Generator().manual_seed(2)
    coarse = torch.randn(1, 4, 3, 3, generator=generator)
    return torch.nn.functional.interpolate(coarse, (8, 8), mode="bicubic")


def reconstruction(grid: Grid, clean: Tensor, noisy: Tensor, predict: Predict) -> float:
    """Relative error of one DDIM pass from `noisy` against `clean`."""
    back = sample(noisy, Ddim(grid, CPU), predict)
    return ((back - clean).norm() / clean.norm()).item()


def ideal(grid: Grid, kind: str) -> Predict:
    """The best prediction there is where values are -0.8 or 0.8, each give or take 0.3.

    Not linear, and known in closed form: E[x0 | x_t] of a mixture of two normal distributions.
    """
    levels = dict(zip(grid.timesteps, grid.levels, strict=False))

    def predict(x: Tensor, t: Tensor) -> Tensor:
        a, s = levels[int(t)].alpha, levels[int(t)].sigma
        spread = (0.3 * a) ** 2 + s**2
        means = [m + 0.09 * a / spread * (x - a * m) for m in (-0.8, 0.8)]
        share = torch.sigmoid(2 * 0.8 * a * x / spread)  # of the upper one
        x0 = (1 - share) * means[0] + share * means[1]
        eps = (x - a * x0) / s
        return {"epsilon": eps, "v_prediction": a * eps - s * x0, "sample": x0}[kind]

    return predict


@pytest.mark.parametrize("to_one", [False, True])
@pytest.mark.parametrize("spacing", ["trailing", "leading"])
@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
def test_all_predictions_of_an_ideal_model_lead_back(kind: str, spacing: str, to_one: bool) -> None:
    schedule = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
                "clip_sample": False, "set_alpha_to_one": to_one, "steps_offset": 1}  # fmt: skip
    grid = make_grid({**schedule, "prediction_type": kind}, 25, spacing)
    predict = ideal(grid, kind)
    generator = torch.Generator().manual_seed(6)
    sides = torch.randint(0, 2, (1, 4, 8, 8), generator=generator) * 1.6 - 0.8
    clean = sides + 0.3 * torch.randn(sides.shape, generator=generator)
    noisy = invert_fixed_point(clean, grid, predict, 3)
    fixed = reconstruction(grid, clean, noisy, predict)
    if kind == "sample" and to_one:  # as published, it divides by the clean end's zero noise
        plain = 0.1
    else:
        plain = reconstruction(grid, clean, invert_plain(clean, grid, predict), predict)
    print(f"plain {plain:.1e}, fixed point {fixed:.1e}, spread {noisy.std():.2f}")
    assert fixed < 0.01
    assert fixed < plain / 5
    assert 0.8 < noisy.std() < 1.4


@pytest.mark.parametrize("spacing", ["trailing", "leading"])
@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "zero_snr"])
@torch.inference_mode()
def test_one_pass_leads_back(load_model: Callable[..., Bundle], kind: str, spacing: str) -> None:
    bundle = load_model(kind, "fp32")
    clean = clean_latents(bundle)
    look = torch.randn(1, 1, 32, generator=torch.Generator().manual_seed(4))
    grid = make_grid(bundle.scheduler_config, 25, spacing)
    assert grid.prediction == bundle.scheduler_config["prediction_type"]
    calls = 0

    def predict(x: Tensor, t: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return run_unet(bundle, x, t, look)

    noisy = invert_plain(clean, grid, predict)
    assert calls == 25
    plain = reconstruction(grid, clean, noisy, predict)
    calls = 0
    noisy = invert_fixed_point(clean, grid, predict, 3)
    assert calls == fixed_point_evaluations(25, 3) == 79
    fixed = reconstruction(grid, clean, noisy, predict)
    print(f"plain {plain:.1e}, fixed point {fixed:.1e}")
    # no model was trained to be this steep, so more is not asked
    assert fixed < plain / 10
    assert fixed < 0.2


@pytest.mark.parametrize(("steps", "evaluations"), [(1, 1), (1, 3), (10, 1), (7, 5)])
def test_evaluations_are_counted(
    load_model: Callable[..., Bundle], steps: int, evaluations: int
) -> None:
    bundle = load_model("epsilon", "fp32")
    calls: list[int] = []
    hooks: list[int] = []

    def predict(x: Tensor, t: Tensor) -> Tensor:
        calls.append(int(t))
        return torch.zeros_like(x)

    def hook(done: int, x: Tensor) -> Tensor:
        hooks.append(done)
        return x

    grid = make_grid(bundle.scheduler_config, steps, "trailing")
    invert_fixed_point(torch.ones(1, 4, 2, 2), grid, predict, evaluations, hook)
    assert len(calls) == fixed_point_evaluations(steps, evaluations)
    assert hooks == list(range(steps))
    assert calls == sorted(calls)  # from clean to noisy


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
def test_a_prediction_that_does_not_move_is_solved_exactly(
    load_model: Callable[..., Bundle], kind: str
) -> None:
    config = load_model(kind, "fp32").scheduler_config
    grid = make_grid(config, 10, "trailing")
    constant = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)) * 0.1
    clean = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(3))
    noisy = invert_fixed_point(clean, grid, lambda x, t: constant, 2)
    back = sample(noisy, Ddim(grid, CPU), lambda x, t: constant)
    assert (back - clean).abs().max() < 1e-3
    assert (noisy - clean).abs().max() > 0.1


def inverted(recipe: Callable[..., Recipe], bundle: Bundle, asset: Any, **spec: Any) -> Recipe:
    spec = {"steps": 4, "evaluations": 2} | spec
    start = Inverted(asset, InversionSpec(**spec))
    return recipe(bundle, start.look, start=start, steps=spec["steps"], sampler="ddim", guidance=1)


def test_an_inversion_is_made_once_and_found_by_the_next_renderer(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, cache: Any,
    unet_calls: Callable[..., Any],
) -> None:  # fmt: skip
    wanted = inverted(recipe, tiny, pictures.asset("waves 64x64"))
    with unet_calls(tiny) as calls:
        first = Renderer(tiny, pictures, cache)
        assert first.inversions_to_make([wanted, wanted]) == fixed_point_evaluations(4, 2) == 11
        first.prepare([wanted, wanted])
        assert calls.samples == [1] * 11
        assert first.inversions_to_make([wanted]) == 0
        first.prepare([wanted])
        assert len(calls) == 11
    latents = first.latents([wanted])

    with unet_calls(tiny) as calls:
        second = Renderer(tiny, pictures, cache)
        assert second.inversions_to_make([wanted]) == 0
        second.prepare([wanted])
        assert len(calls) == 0
        assert torch.equal(second.latents([wanted]), latents)
        assert calls.samples == [2] * 4

    with unet_calls(tiny) as calls:  # without a cache it is made again, and the same
        third = Renderer(tiny, pictures)
        third.prepare([wanted])
        assert len(calls) == 11
        assert torch.equal(third.latents([wanted]), latents)


@pytest.mark.parametrize("damage", [b"", b"\0" * 100, None])
def test_a_damaged_entry_is_made_again(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, cache: Any,
    unet_calls: Callable[..., Any], damage: bytes | None,
) -> None:  # fmt: skip
    wanted = inverted(recipe, tiny, pictures.asset("waves 64x64"))
    before = Renderer(tiny, pictures, cache)
    before.prepare([wanted])
    whole = dict(cache)
    for digest, data in whole.items():
        cache[digest] = data[: len(data) // 2] if damage is None else damage
    after = Renderer(tiny, pictures, cache)
    with unet_calls(tiny) as calls:
        assert after.inversions_to_make([wanted]) == 11
        after.prepare([wanted])
        assert len(calls) == 11
    assert cache == whole
    assert torch.equal(after.latents([wanted]), before.latents([wanted]))


def test_what_decides_an_inversion_makes_another(
    tiny: Bundle, load_model: Callable[..., Bundle], recipe: Callable[..., Recipe],
    pictures: Any, cache: Any,
) -> None:  # fmt: skip
    asset, other = pictures.asset("waves 64x64"), pictures.asset("waves 64x80")
    made = inverted(recipe, tiny, asset)
    renderer = Renderer(tiny, pictures, cache)
    renderer.prepare([made])
    for changed in (
        inverted(recipe, tiny, other),
        inverted(recipe, tiny, asset, steps=5),
        inverted(recipe, tiny, asset, evaluations=3),
        inverted(recipe, tiny, asset, method="plain"),
        inverted(recipe, tiny, asset, spacing="leading"),
        inverted(recipe, tiny, asset, look=Picture(other)),
    ):
        assert renderer.inversions_to_make([changed]) > 0
    bf16 = load_model("v_prediction", "bf16")
    there = Renderer(bf16, pictures, cache)
    assert there.inversions_to_make([inverted(recipe, bf16, asset)]) > 0


def test_pictures_on_both_sides_of_a_transition_are_inverted(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, unet_calls: Callable[..., Any]
) -> None:
    spec = InversionSpec("plain", steps=4)
    a, b = (Inverted(pictures.asset(name), spec) for name in ("waves 64x64", "waves 64x80"))
    way = recipe(tiny, start=Between(a, Between(b, Noise(1), 0.5), 0.5), sampler="ddim")
    renderer = Renderer(tiny, pictures)
    reports: list[tuple[str, int, int]] = []
    with unet_calls(tiny) as calls:
        renderer.prepare([way], lambda *report: reports.append(report))
    assert len(calls) == 8
    assert reports == [("inverting", done, 8) for done in range(1, 9)]


def test_the_picture_is_encoded_as_the_vae_says(tiny: Bundle) -> None:
    picture = torch.rand(3, 64, 80, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        ours = encode(tiny, picture)
        theirs = tiny.vae.encode(picture[None] * 2 - 1).latent_dist.mean
    expected = theirs * tiny.vae.config.scaling_factor
    torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-5)
    assert ours.shape == (1, 4, 8, 10)


def test_bf16_runs_the_noisiest_steps_in_fp32(load_model: Callable[..., Bundle]) -> None:
    bundle = load_model("v_prediction", "bf16")
    grid = make_grid(bundle.scheduler_config, 25, "trailing")
    steps = precise_steps(bundle, grid)
    assert steps == sensitive_timesteps(grid)
    assert max(grid.timesteps) in steps
    assert min(grid.timesteps) not in steps
    powers = {t: level.alpha**2 for t, level in zip(grid.timesteps, grid.levels, strict=False)}
    assert steps == {t for t, power in powers.items() if power < 0.15}
    assert not precise_steps(load_model("v_prediction", "fp32"), grid)

    look = torch.randn(1, 1, 32, generator=torch.Generator().manual_seed(4))
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(5))
    t = torch.tensor(max(grid.timesteps))
    with torch.inference_mode():
        exact = run_unet(bundle, x, t, look, steps)
        rough = run_unet(bundle, x, t, look)
        other = load_model("v_prediction", "fp32").unet(x, t, look).sample
    # the weights are bf16's in both: only the arithmetic is finer
    assert (exact - other).abs().max() < 0.1
    assert (exact - rough).abs().max() > 1e-4
