"""Previews: colours from latents by one matrix, and x0 from what the loop has at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from diffusers import DDIMScheduler

from imvar_studio.engine import preview as module
from imvar_studio.engine.framing import frame, to_tensor
from imvar_studio.engine.pixels import encode
from imvar_studio.engine.preview import fit, preview, scene, x0_of
from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.samplers import built_in_samplers
from imvar_studio.model.errors import Cancelled
from imvar_studio.model.source import Framing, Size
from imvar_studio.model.start import Noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.recipe import Recipe

MIX = torch.tensor([[0.9, -0.4, 0.2], [0.1, 0.8, -0.3], [-0.5, 0.2, 0.7], [0.3, 0.3, 0.3]])


def test_a_linear_vae_is_seen_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def linear(bundle: object, picture: torch.Tensor) -> torch.Tensor:
        small = F.adaptive_avg_pool2d(picture, 16)
        return (torch.einsum("kc,chw->khw", MIX, small) + 0.5)[None]

    monkeypatch.setattr(module, "encode", linear)
    matrix = fit(None)  # type: ignore[arg-type]
    assert (tuple(matrix.shape), matrix.dtype) == ((5, 3), torch.float32)
    other = scene(99)
    small = F.adaptive_avg_pool2d(other, 16)
    found = module._with_one(linear(None, other)[0]) @ matrix
    torch.testing.assert_close(found, small.flatten(1).T, atol=0.01, rtol=0)


def test_the_starter_shows_a_picture_it_never_saw(
    load_model: Callable[..., Bundle], pictures: Any
) -> None:
    bundle = load_model("starter", "fp32")
    pixels = pictures(pictures.asset("cat.jpg").sha, "#ffffff")
    picture = frame(to_tensor(pixels), Size(256, 256), Framing())
    with torch.inference_mode():
        latents = encode(bundle, picture)[0]
    seen = torch.from_numpy(preview(fit(bundle), latents)).permute(2, 0, 1).float() / 255
    small, wanted = (F.adaptive_avg_pool2d(each, 32) for each in (seen, picture))
    unexplained = ((small - wanted) ** 2).mean() / wanted.var(correction=0)
    assert 1 - unexplained > 0.75


def test_the_same_vae_gives_the_same_matrix(tiny: Bundle) -> None:
    assert torch.equal(fit(tiny), fit(tiny))


def test_scenes_have_all_colours() -> None:
    pixels = torch.cat([scene(seed).flatten(1) for seed in range(8)], dim=1)
    assert float(pixels.min()) >= 0
    assert float(pixels.max()) <= 1
    assert torch.equal(scene(3), scene(3))
    for channel in pixels:
        assert float(channel.quantile(0.05)) < 0.2
        assert float(channel.quantile(0.95)) > 0.8
    assert torch.corrcoef(pixels).fill_diagonal_(0).abs().max() < 0.4


@pytest.mark.parametrize(
    ("latents", "shown", "shape"),
    [((32, 32), (1, 1), (256, 256)), ((8, 8), (1, 1), (256, 256)), ((64, 96), (1, 1), (171, 256)),
     ((128, 128), (1, 1), (256, 256)), ((32, 32), (0.5, 1), (256, 128)),
     ((8, 512), (1, 1), (4, 256))],
)  # fmt: skip
def test_a_preview_is_no_larger_than_256(
    latents: tuple[int, int], shown: tuple[float, float], shape: tuple[int, int]
) -> None:
    pixels = preview(torch.rand(5, 3), torch.zeros(4, *latents), shown)
    assert pixels.shape == (*shape, 3)
    assert pixels.dtype == np.uint8


def test_colours_and_places() -> None:
    matrix = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0], [0.5, 0.5, -0.5]])
    latents = torch.zeros(4, 4, 8)
    latents[0, :, :4] = 9  # the left half is redder than red
    pixels = preview(matrix, latents.bfloat16())
    assert pixels[64, 30].tolist() == [255, 128, 0]
    assert pixels[64, 225].tolist() == [128, 128, 0]
    # only the middle half is shown, so red ends where it did: in the middle
    middle = preview(matrix, latents, (0.5, 1.0))
    assert middle.shape == (256, 256, 3)
    assert middle[128, 60].tolist() == [255, 128, 0]
    assert middle[128, 200].tolist() == [128, 128, 0]


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample", "zero_snr"])
def test_x0_is_what_diffusers_calls_the_original_sample(
    load_model: Callable[..., Bundle], kind: str
) -> None:
    config = load_model(kind, "fp32").scheduler_config
    scheduler: Any = DDIMScheduler.from_config(config)
    scheduler.set_timesteps(10)
    draw = torch.Generator().manual_seed(3)
    x, prediction = (torch.randn(2, 4, 8, 8, generator=draw) for _ in range(2))
    for t in scheduler.timesteps:
        wanted = scheduler.step(prediction, t, x).pred_original_sample
        torch.testing.assert_close(x0_of(config, prediction, x, t), wanted)


@pytest.mark.parametrize("name", [entry.name for entry in built_in_samplers()])
@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
def test_every_sampler_ends_at_the_last_x0(
    load_model: Callable[..., Bundle], recipe: Callable[..., Recipe], pictures: Any, name: str,
    kind: str,
) -> None:  # fmt: skip
    bundle = load_model(kind, "fp32")
    renderer = Renderer(bundle, pictures)
    variance = Noise(7) if name in ("euler-ancestral", "lcm") else None
    made = [
        recipe(bundle, start=Noise(s), steps=8, sampler=name, variance=variance) for s in (1, 2)
    ]
    seen: list[tuple[int, int]] = []
    last: list[torch.Tensor] = []

    def watch(step: int, steps: int, x0: Callable[[], torch.Tensor]) -> None:
        seen.append((step, steps))
        last[:] = [x0()]

    with_it = renderer.render(made, 2, [0, 1], on_latents=watch)
    without = renderer.render(made, 2, [0, 1])
    for found, wanted in zip(with_it, without, strict=True):
        np.testing.assert_array_equal(found, wanted)
    count = len(seen)
    assert seen == [(step, count) for step in range(1, count + 1)]
    assert count in (8, 9)  # PNDM asks once more
    with torch.inference_mode():
        final = renderer.latents(made)
    assert torch.corrcoef(torch.stack([last[0].flatten(), final.flatten()]))[0, 1] > 0.97


def test_nothing_is_computed_for_those_who_do_not_look(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: object) -> None:
        raise AssertionError("x0 was made")

    monkeypatch.setattr(module, "x0_of", never)
    monkeypatch.setattr(module, "fit", never)
    steps: list[int] = []
    Renderer(tiny, pictures).render(
        [recipe(tiny)], 1, [0], on_latents=lambda step, of, x0: steps.append(step)
    )
    assert steps == [1, 2, 3, 4]


def test_whoever_looks_may_stop_the_render(
    tiny: Bundle, recipe: Callable[..., Recipe], pictures: Any
) -> None:
    def stop(step: int, steps: int, x0: object) -> None:
        if step == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        Renderer(tiny, pictures).render([recipe(tiny)], 1, [0], on_latents=stop)


def test_the_renderers_preview_is_fitted_once_and_cut_as_the_picture_is(
    tiny: Bundle, pictures: Any, cache: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    x0 = torch.randn(4, 8, 16, generator=torch.Generator().manual_seed(1))
    shown = Renderer(tiny, pictures, cache).preview(x0, Size(128, 64))
    np.testing.assert_array_equal(shown, preview(fit(tiny), x0))
    monkeypatch.setattr("imvar_studio.engine.renderer.fit", None)  # from the cache from now on
    again = Renderer(tiny, pictures, cache)
    np.testing.assert_array_equal(again.preview(x0, Size(128, 64)), shown)
    working = tiny.working_size(Size(100, 64))
    part = again.preview(x0[:, :, : working.width // 8], Size(100, 64))
    assert part.shape == (164, 256, 3)
