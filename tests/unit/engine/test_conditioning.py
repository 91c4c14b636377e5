"""Looks against their formulas, written out by hand."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from imvar_studio.engine.conditioning import Conditioning, random_crop, repeat_to_common
from imvar_studio.engine.tensor_cache import TensorCache
from imvar_studio.engine.towers import Towers
from imvar_studio.model.errors import ModelError, SpecError
from imvar_studio.model.look import (
    Blend,
    Crop,
    Edit,
    Jitter,
    Join,
    Look,
    Mix,
    Nothing,
    Picture,
    Prior,
    Prompt,
    Scale,
    Shift,
    Weighted,
)
from imvar_studio.model.source import Output, Rect, Size

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle

    Evaluate = Callable[[Look], Tensor]

SIZE = Size(64, 64)
CAT, DOG, OWL = Prompt("a cat"), Prompt("a dog"), Prompt("an owl")


def conditioning(bundle: Bundle, pictures: Any) -> Conditioning:
    cache = TensorCache(None, bundle.card.ref, bundle.compute.fingerprint(1))
    return Conditioning(Towers(bundle, pictures, cache), pictures)


@pytest.fixture
def value(tiny: Bundle, pictures: Any) -> Evaluate:
    own = conditioning(tiny, pictures)

    @torch.inference_mode()
    def evaluate(look: Look, size: Size = SIZE) -> Tensor:
        return own.evaluate(look, size)

    return evaluate


@torch.inference_mode()
def image_embedding(bundle: Bundle, picture: Tensor) -> Tensor:
    """E_img by hand; the tiny models' tower sees 32 px, resized without filtering."""
    small = F.interpolate(picture[None], (32, 32), mode="bicubic", antialias=False)
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073]).reshape(3, 1, 1)
    std = torch.tensor([0.26862954, 0.26130258, 0.27577711]).reshape(3, 1, 1)
    return bundle.image_tower(pixel_values=(small - mean) / std).image_embeds


@torch.inference_mode()
def text_embedding(bundle: Bundle, text: str) -> Tensor:
    ids = bundle.tokenizer(text, padding="max_length", max_length=32, return_tensors="pt")
    return bundle.text_tower(**ids).text_embeds


def pixels(pictures: Any, name: str) -> Tensor:
    array = pictures(pictures.asset(name).sha, "#ffffff")
    return torch.from_numpy(array).permute(2, 0, 1).float() / 255


def normal(seed: int, stream: str, step: int, shape: tuple[int, ...]) -> Tensor:
    digest = hashlib.blake2b(f"{seed}/{stream}/{step}".encode(), digest_size=8).digest()
    generator = torch.Generator("cpu").manual_seed(int.from_bytes(digest, "big") // 2)
    return torch.randn(shape, generator=generator)


def close(a: Tensor, b: Tensor) -> None:
    assert a.shape == b.shape
    torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5)


def test_a_picture_is_the_image_towers_embedding(
    tiny: Bundle, value: Evaluate, pictures: Any
) -> None:
    own = value(Picture(pictures.asset("waves 64x64")))
    assert own.shape == (1, 32)
    assert own.dtype == torch.float32
    close(own, image_embedding(tiny, pixels(pictures, "waves 64x64")))
    other = value(Picture(pictures.asset("waves 64x80")))
    assert (own - other).abs().max() > 1e-3


def test_a_prompt_is_the_text_towers_embedding(tiny: Bundle, value: Evaluate) -> None:
    for text in ("a cat", "", "A small OWL, at night!"):
        own = value(Prompt(text))
        assert own.shape == (1, 32)
        close(own, text_embedding(tiny, text))
    assert (value(CAT) - value(DOG)).abs().max() > 1e-3


def test_a_prompt_is_brought_to_pictures_length(
    load_model: Callable[..., Bundle], pictures: Any
) -> None:
    bundle = load_model("starter", "fp32")
    with torch.inference_mode():
        own = conditioning(bundle, pictures)
        matched = own.evaluate(Prompt("a red apple"), SIZE)
        raw = own.evaluate(Prompt("a red apple", match_norm=False), SIZE)
    assert matched.norm().item() == pytest.approx(16.0, rel=1e-5)
    assert raw.norm().item() != pytest.approx(16.0, rel=1e-3)
    close(raw, text_embedding(bundle, "a red apple"))
    close(matched / 16, raw / raw.norm())


def test_a_prompt_that_the_window_does_not_hold_is_said(tiny: Bundle, value: Evaluate) -> None:
    fits = "cat " * 30
    assert value(Prompt(fits)).shape == (1, 32)
    with pytest.raises(SpecError) as caught:
        value(Prompt("cat " * 31))
    assert str(caught.value) == (
        "prompt 'cat cat cat cat cat cat cat cat cat c...' has 31 tokens, "
        f"model {tiny.card.ref.id} reads at most 30: shorten it"
    )
    assert caught.value.field == "prompt"


def test_nothing_is_zeros(value: Evaluate) -> None:
    assert torch.equal(value(Nothing()), torch.zeros(1, 32))


def test_scale_and_shift(value: Evaluate) -> None:
    close(value(Scale(CAT, 1.5)), 1.5 * value(CAT))
    close(value(Scale(CAT, 0)), torch.zeros(1, 32))
    close(value(Shift(CAT, -0.25)), value(CAT) - 0.25)
    close(value(Shift(Scale(CAT, 2), 0.5)), 2 * value(CAT) + 0.5)


def test_a_mix_is_the_weighted_mean(value: Evaluate) -> None:
    mix = Mix((Weighted(CAT, 3), Weighted(DOG, 1), Weighted(OWL, 0)))
    close(value(mix), (3 * value(CAT) + value(DOG)) / 4)
    pair, riap = Join((CAT, DOG)), Join((DOG, OWL))
    close(
        value(Mix((Weighted(pair, 1), Weighted(riap, 1)))),
        torch.cat([(value(CAT) + value(DOG)) / 2, (value(DOG) + value(OWL)) / 2]),
    )


def test_a_mix_of_unequal_token_counts_is_refused(value: Evaluate) -> None:
    with pytest.raises(SpecError) as caught:
        value(Mix((Weighted(CAT), Weighted(Join((DOG, OWL))))))
    assert str(caught.value) == (
        "mix needs looks of equal token counts, got [1, 2]: join them instead"
    )


def test_a_join_is_the_tokens_in_order(value: Evaluate) -> None:
    inner = Join((OWL, Nothing()))
    close(
        value(Join((CAT, inner, DOG))),
        torch.cat([value(CAT), value(OWL), torch.zeros(1, 32), value(DOG)]),
    )


def test_an_edit_is_a_direction_between_texts(value: Evaluate) -> None:
    for amount in (-2.0, 0.7):
        edited = value(Edit(OWL, "a cat", "a dog", amount))
        close(edited, value(OWL) + amount * (value(DOG) - value(CAT)))
    both = value(Edit(Join((OWL, CAT)), "a cat", "a dog", 1))
    close(both, torch.cat([value(OWL), value(CAT)]) + value(DOG) - value(CAT))


def test_jitter_is_drawn_from_its_seed(value: Evaluate) -> None:
    noise = normal(9, "jitter", 0, (1, 32))
    close(value(Jitter(CAT, "add", 0.3, 9)), value(CAT) + 0.3 * noise)
    close(value(Jitter(CAT, "multiply", 0.3, 9)), value(CAT) * (1 + 0.3 * noise))
    nine, again, ten = (value(Jitter(CAT, "add", 0.3, seed)) for seed in (9, 9, 10))
    assert torch.equal(nine, again)
    assert (nine - ten).abs().max() > 0.3
    two = value(Jitter(Join((CAT, DOG)), "add", 1, 9))
    assert (two[0] - value(CAT)[0] - (two[1] - value(DOG)[0])).abs().max() > 0.5


def test_a_crop_of_a_region(tiny: Bundle, value: Evaluate, pictures: Any) -> None:
    look = Crop(pictures.asset("waves 64x64"), Rect(0.25, 0.5, 0.5, 0.5))
    cut = pixels(pictures, "waves 64x64")[:, 32:64, 16:48]
    whole = F.interpolate(cut[None], (64, 64), mode="bicubic", antialias=True)[0].clamp(0, 1)
    close(value(look), image_embedding(tiny, whole))
    assert (value(look) - value(Picture(look.source))).abs().max() > 1e-3
    everything = Crop(look.source, Rect(0, 0, 1, 1))
    close(value(everything), value(Picture(look.source)))


def test_random_crops_are_averaged(value: Evaluate, pictures: Any) -> None:
    asset = pictures.asset("waves 96x64")
    parts = [value(Crop(asset, random_crop(5, n))) for n in range(3)]
    close(value(Crop(asset, count=3, seed=5)), torch.stack(parts).mean(0))
    assert (parts[0] - parts[1]).abs().max() > 1e-4
    other = value(Crop(asset, count=3, seed=6))
    assert (other - value(Crop(asset, count=3, seed=5))).abs().max() > 1e-4


def test_random_crops_lie_all_over() -> None:
    crops = [random_crop(seed, n) for seed in range(40) for n in range(5)]
    assert random_crop(3, 1) == random_crop(3, 1)
    assert len(set(crops)) == len(crops)
    sides = [crop.width for crop in crops]
    assert all(crop.width == crop.height for crop in crops)
    assert 0.5 <= min(sides) < 0.52
    assert 0.98 < max(sides) <= 1
    assert sum(sides) / len(sides) == pytest.approx(0.75, abs=0.04)
    # 200 places, even over what their sides leave free
    places = [crop.left / (1 - crop.width) for crop in crops]
    assert sum(places) / len(places) == pytest.approx(0.5, abs=0.08)


def test_a_blend_takes_its_path(value: Evaluate) -> None:
    first, second = (Jitter(Nothing(), "add", 1, seed) for seed in (1, 2))
    a, b = value(first), value(second)
    close(value(Blend(first, second, 0.3, "lerp")), 0.7 * a + 0.3 * b)
    angle = torch.acos((a * b).sum() / (a.norm() * b.norm()))
    arc = (torch.sin(0.7 * angle) * a / a.norm() + torch.sin(0.3 * angle) * b / b.norm()) / (
        torch.sin(angle)
    )
    length = 0.7 * a.norm() + 0.3 * b.norm()
    curved = value(Blend(first, second, 0.3, "slerp"))
    torch.testing.assert_close(curved, arc * length, rtol=1e-4, atol=1e-4)


def test_a_blends_arc_is_of_each_token_or_of_all(value: Evaluate) -> None:
    looks = tuple(Jitter(Nothing(), "add", 1, seed) for seed in range(4))
    first, second = Join(looks[:2]), Join(looks[2:])
    tokens = value(Blend(first, second, 0.4, "slerp"))
    for row in range(2):
        alone = value(Blend(looks[row], looks[row + 2], 0.4, "slerp"))
        close(tokens[row : row + 1], alone)
    whole = value(Blend(first, second, 0.4, "slerp-whole"))
    a, b = value(first).flatten(), value(second).flatten()
    angle = torch.acos((a * b).sum() / (a.norm() * b.norm()))
    arc = torch.sin(0.6 * angle) * a / a.norm() + torch.sin(0.4 * angle) * b / b.norm()
    length = 0.6 * a.norm() + 0.4 * b.norm()
    torch.testing.assert_close(
        whole.flatten(), arc / torch.sin(angle) * length, rtol=1e-4, atol=1e-4
    )
    assert (whole - tokens).abs().max() > 1e-3


@torch.inference_mode()
def test_a_blend_of_two_and_three_tokens_meets_at_six(tiny: Bundle, value: Evaluate) -> None:
    # far apart, so that a wrong repetition shows
    looks = [Jitter(Nothing(), "add", 2, seed) for seed in range(5)]
    two, three = Join(tuple(looks[:2])), Join(tuple(looks[2:]))
    a, b = value(two), value(three)
    explicit = torch.stack([0.4 * a[i % 2] + 0.6 * b[i % 3] for i in range(6)])
    close(value(Blend(two, three, 0.6)), explicit)

    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0))

    def predict(condition: Tensor) -> Tensor:
        return tiny.unet(x, torch.tensor(400), condition[None]).sample

    scale = predict(a).abs().max()
    assert (predict(value(Blend(two, three, 0.6))) - predict(explicit)).abs().max() <= 1e-5 * scale
    for u, end in ((0.0, a), (1.0, b)):
        at_end = value(Blend(two, three, u))
        assert at_end.shape == (6, 32)
        assert (predict(at_end) - predict(end)).abs().max() <= 1e-5 * scale
    padded = torch.cat([a, a[:1]])
    assert (predict(padded) - predict(a)).abs().max() > 1e-3 * scale


def test_repetition_to_a_common_count() -> None:
    a, b, c = (torch.arange(k * 2.0).reshape(k, 2) for k in (2, 3, 1))
    first, second, third = repeat_to_common(a, b, c)
    assert torch.equal(first, torch.cat([a, a, a]))
    assert torch.equal(second, torch.cat([b, b]))
    assert torch.equal(third, torch.cat([c] * 6))
    assert torch.equal(repeat_to_common(a)[0], a)


def test_embeddings_are_made_once(tiny: Bundle, pictures: Any, value: Evaluate) -> None:
    look = Picture(pictures.asset("waves 100x70"))
    first, before = value(look), pictures.loads
    assert torch.equal(value(look), first)
    assert pictures.loads == before
    value(look, Size(128, 64))  # framed otherwise: another embedding
    assert pictures.loads == before + 1


def test_what_a_model_does_not_have_is_said(tiny: Bundle, pictures: Any) -> None:
    blind = conditioning(replace(tiny, image_tower=None), pictures)
    with pytest.raises(ModelError, match=r"has no image tower: use prompts with it$"):
        blind.evaluate(Picture(pictures.asset("waves 64x64")), SIZE)
    mute = conditioning(replace(tiny, text_tower=None), pictures)
    with pytest.raises(ModelError, match=r"has no text tower: use pictures, or another model$"):
        mute.evaluate(Prompt("a cat"), SIZE)
    with pytest.raises(ModelError, match=r"^prior 'karlo' is not installed: use a prompt instead$"):
        blind.evaluate(Prior("a cat", "karlo"), SIZE)


def test_a_picture_that_is_no_asset_is_refused(value: Evaluate) -> None:
    with pytest.raises(SpecError, match=r"^a keyframe's picture must be an asset of the project$"):
        value(Picture(Output("ab" * 32)))
