"""Looks of different token counts meet as if they had been by hand, to 1e-5.

In the image-variation family each is repeated, in the text family the shorter is padded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from imvar_studio.engine.conditioning import Conditioning
from imvar_studio.engine.tensor_cache import TensorCache
from imvar_studio.engine.text_states import TextStates
from imvar_studio.engine.towers import Towers
from imvar_studio.model.look import Blend, Edit, Join, Prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.look import Look

LIMIT = 1e-5
TWO = Join((Prompt("a red cat"), Prompt("a boat on the sea")))
THREE = Join((Prompt("a dog"), Prompt("a tree"), Prompt("a bird in the snow")))


@pytest.fixture(params=["epsilon", "text"])
def bundle(request: pytest.FixtureRequest, load_model: Callable[..., Bundle]) -> Bundle:
    return load_model(request.param, "fp32")


@pytest.fixture
def evaluate(bundle: Bundle, pictures: Any) -> Callable[[Look], Tensor]:
    cache = TensorCache(None, bundle.card.ref, bundle.compute.fingerprint(1))
    text = bundle.card.family == "text"
    embedder = TextStates(bundle, cache) if text else Towers(bundle, pictures, cache)
    conditioning = Conditioning(embedder, pictures)

    @torch.inference_mode()
    def run(look: Look) -> Tensor:
        return conditioning.evaluate(look, bundle.card.native)

    return run


@pytest.fixture
def shown(bundle: Bundle, stock_unet: Callable[..., Any]) -> Callable[[Tensor], Tensor]:
    """The UNet's output under a condition (k, d)."""
    unet = stock_unet(bundle.card.path)
    shape = (1, *bundle.latent_shape(bundle.card.native))
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1))

    @torch.inference_mode()
    def run(condition: Tensor) -> Tensor:
        return unet(x, torch.tensor(300), condition[None]).sample

    return run


def far(a: Tensor, b: Tensor) -> float:
    value = ((a - b).abs().max() / b.abs().max()).item()
    print(f"relative error {value:.1e}")  # shown by pytest -rP
    return value


@pytest.mark.parametrize("path", ["lerp", "slerp"])
@pytest.mark.parametrize("u", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("bundle", ["epsilon"], indirect=True)
def test_two_looks_become_three_as_six(
    bundle: Bundle,
    evaluate: Callable[[Look], Tensor],
    shown: Callable[[Tensor], Tensor],
    path: str,
    u: float,
) -> None:
    between = evaluate(Blend(TWO, THREE, u, path))
    assert between.shape == (6, bundle.card.width)
    two, three = evaluate(TWO), evaluate(THREE)
    first, second = torch.cat([two] * 3), torch.cat([three] * 2)
    assert first.shape == second.shape == between.shape
    assert far(shown(between), shown(by_hand(first, second, path, u))) <= LIMIT
    # at the ends it is the look itself, as it was before it was repeated
    if u in (0.0, 1.0):
        end, wrong = (two, three) if u == 0 else (three, two)
        assert far(shown(between), shown(end)) <= LIMIT
        assert far(shown(between), shown(wrong)) > 100 * LIMIT
    # and the test can fail: padded with one of its own looks, two is not what it was
    assert far(shown(torch.cat([two, two[:1]])), shown(two)) > 10 * LIMIT


@pytest.mark.parametrize("path", ["lerp", "slerp"])
@pytest.mark.parametrize("u", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("bundle", ["text"], indirect=True)
def test_two_windows_become_three_with_the_empty_prompt(
    evaluate: Callable[[Look], Tensor], shown: Callable[[Tensor], Tensor], path: str, u: float
) -> None:
    two, three = torch.cat([evaluate(TWO), evaluate(Prompt(""))]), evaluate(THREE)
    for first, second, v in ((TWO, THREE, u), (THREE, TWO, 1 - u)):
        between = evaluate(Blend(first, second, v, path))
        assert between.shape == (3 * 77, 64)
        assert far(shown(between), shown(by_hand(two, three, path, u))) <= LIMIT
    # and the test can fail: an empty window is not nothing
    assert far(shown(two), shown(evaluate(TWO))) > 10 * LIMIT


def by_hand(first: Tensor, second: Tensor, path: str, u: float) -> Tensor:
    """What lies at u between two conditions (k, d), token by token."""
    line = (1 - u) * first + u * second
    if path == "lerp":
        return line
    one, other = first.double(), second.double()
    lengths = one.norm(dim=-1, keepdim=True), other.norm(dim=-1, keepdim=True)
    cosine = (one * other).sum(-1, keepdim=True) / lengths[0] / lengths[1]
    angle = cosine.clamp(-1, 1).acos()
    arc = (torch.sin((1 - u) * angle) * one / lengths[0]
           + torch.sin(u * angle) * other / lengths[1]) / torch.sin(angle)  # fmt: skip
    curved = arc * ((1 - u) * lengths[0] + u * lengths[1])
    return torch.where(cosine.abs() > 0.9995, line.double(), curved).float()


def test_an_edit_of_joined_looks_edits_each(
    bundle: Bundle, evaluate: Callable[[Look], Tensor]
) -> None:
    edited = evaluate(Edit(TWO, "a cat", "a dog", 0.5))
    parts = [evaluate(Edit(each, "a cat", "a dog", 0.5)) for each in TWO.looks]
    assert torch.allclose(edited, torch.cat(parts), atol=1e-6)
    assert far(edited, evaluate(TWO)) > 0.01
