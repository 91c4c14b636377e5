"""Likeness: by the tower, and near copies by pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from imvar_studio.engine.likeness import is_near_copy, likeness, structure, tower_embedding
from imvar_studio.engine.towers import embed_pixels
from imvar_studio.model.errors import ModelError

if TYPE_CHECKING:
    from imvar_studio.engine.bundle import Bundle


def scene(seed: int) -> torch.Tensor:
    """Soft shapes, (3, 96, 96)."""
    noise = torch.rand(1, 3, 9, 9, generator=torch.Generator().manual_seed(seed))
    return F.interpolate(noise, (96, 96), mode="bicubic").clamp(0, 1)[0]


def test_a_picture_is_a_copy_of_itself_its_mirror_image_and_what_compression_leaves() -> None:
    picture = scene(1)
    assert structure(picture, picture) == pytest.approx(1)
    noise = 0.03 * torch.randn(picture.shape, generator=torch.Generator().manual_seed(2))
    for other in (picture, picture.flip(-1), (picture + noise).clamp(0, 1), picture * 0.9):
        assert is_near_copy(picture, other)


def test_other_pictures_and_the_same_one_moved_are_none() -> None:
    picture = scene(1)
    for other in (scene(2), picture.roll(24, -1), picture.flip(-2), 1 - picture):
        assert not is_near_copy(picture, other)


def test_the_tower_compares_embeddings(tiny: Bundle) -> None:
    a, b = scene(1), scene(2)
    with torch.inference_mode():
        wanted = F.cosine_similarity(embed_pixels(tiny, a), embed_pixels(tiny, b))
    own, other = tower_embedding(tiny, a), tower_embedding(tiny, b)
    assert likeness(own, other) == pytest.approx(float(wanted), abs=1e-6)
    assert likeness(own, own) == pytest.approx(1, abs=1e-6)


def test_a_model_without_an_image_tower_says_so(
    tiny: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiny, "image_tower", None)
    with pytest.raises(ModelError, match="has no image tower: use prompts with it"):
        tower_embedding(tiny, scene(1))


def test_the_resize_before_the_tower_can_be_chosen(tiny: Bundle) -> None:
    with torch.inference_mode():
        picture = (scene(3) > 0.5).float().repeat_interleave(4, 1).repeat_interleave(4, 2)
        names = ("trained", "antialiased", "plain")
        ways = {name: embed_pixels(tiny, picture, name) for name in names}
    assert tiny.card.preprocessing is not None
    same = "antialiased" if tiny.card.preprocessing.antialias else "plain"
    assert torch.equal(ways["trained"], ways[same])
    assert not torch.allclose(ways["antialiased"], ways["plain"], atol=1e-5)
