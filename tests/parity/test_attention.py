"""The shortcut for one condition token against diffusers' own attention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from diffusers.models.attention_processor import Attention, AttnProcessor2_0

from imvar_studio.engine.attention import SingleTokenAttention
from imvar_studio.engine.conditioning import repeat_to_common

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle


def normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def layers(bundle: Bundle) -> list[Attention]:
    return [
        module
        for name, module in bundle.unet.named_modules()
        if name.endswith("attn2") and isinstance(module, Attention)
    ]


@pytest.mark.parametrize("model", ["epsilon", "starter"])
@torch.inference_mode()
def test_one_token_is_exact(load_model: Callable[..., Bundle], model: str) -> None:
    bundle = load_model(model, "fp32")
    ours, theirs = SingleTokenAttention(), AttnProcessor2_0()
    found = layers(bundle)
    assert len(found) >= 3
    for layer in found:
        queries = normal(1, 2, 17, layer.to_q.in_features)
        condition = normal(2, 2, 1, bundle.card.width) * 2
        short, full = ours(layer, queries, condition), theirs(layer, queries, condition)
        assert short.shape[1] == 1, "the product over one key is not skipped"
        assert full.abs().max() > 1e-3
        assert (short - full).abs().max() <= 1e-6 * max(1.0, full.abs().max().item())


@pytest.mark.parametrize("tokens", [2, 3, 7])
@torch.inference_mode()
def test_more_tokens_are_left_to_diffusers(load_model: Callable[..., Bundle], tokens: int) -> None:
    bundle = load_model("epsilon", "fp32")
    for layer in layers(bundle):
        queries = normal(1, 2, 17, layer.to_q.in_features)
        condition = normal(2, 2, tokens, 32) * 2
        ours = SingleTokenAttention()(layer, queries, condition)
        assert torch.equal(ours, AttnProcessor2_0()(layer, queries, condition))


@torch.inference_mode()
def test_self_attention_over_one_place_is_left_to_diffusers(
    load_model: Callable[..., Bundle],
) -> None:
    layer = layers(load_model("epsilon", "fp32"))[0]
    itself = Attention(query_dim=layer.to_q.in_features, heads=2, dim_head=8).eval()
    queries = normal(1, 2, 1, layer.to_q.in_features)
    assert torch.equal(SingleTokenAttention()(itself, queries), AttnProcessor2_0()(itself, queries))


def test_a_layer_with_a_residual_is_left_to_diffusers() -> None:
    layer = Attention(query_dim=16, cross_attention_dim=32, heads=2, dim_head=8,
                      residual_connection=True).eval()  # fmt: skip
    queries, condition = normal(1, 2, 9, 16), normal(2, 2, 1, 32)
    with torch.inference_mode():
        ours = SingleTokenAttention()(layer, queries, condition)
        assert torch.equal(ours, AttnProcessor2_0()(layer, queries, condition))


@pytest.mark.parametrize("tokens", [1, 2, 3])
@torch.inference_mode()
def test_the_whole_unet_is_diffusers_own(
    load_model: Callable[..., Bundle], stock_unet: Callable[..., Any], tokens: int
) -> None:
    bundle = load_model("epsilon", "fp32")
    x, condition = normal(1, 2, 4, 8, 8), normal(2, 2, tokens, 32) * 2
    ours = bundle.unet(x, torch.tensor(300), condition).sample
    theirs = stock_unet(bundle.card.path)(x, torch.tensor(300), condition).sample
    assert (ours - theirs).abs().max() <= 2e-5 * theirs.abs().max()


@pytest.mark.parametrize(("tokens", "beside"), [(1, 2), (2, 3), (2, 4), (3, 5)])
@torch.inference_mode()
def test_repeated_tokens_change_nothing(
    load_model: Callable[..., Bundle], stock_unet: Callable[..., Any], tokens: int, beside: int
) -> None:
    bundle = load_model("epsilon", "fp32")
    unet = stock_unet(bundle.card.path)
    x, condition = normal(1, 1, 4, 8, 8), normal(2, tokens, 32) * 2
    other = normal(3, beside, 32) * 2
    repeated, others = repeat_to_common(condition, other)
    assert repeated.shape == others.shape
    assert repeated.shape[0] > tokens
    once = unet(x, torch.tensor(300), condition[None]).sample
    twice = unet(x, torch.tensor(300), repeated[None]).sample
    assert (twice - once).abs().max() <= 1e-5 * once.abs().max()
    # the test can fail: repeating one of the tokens is not the same
    if tokens > 1:
        padded = torch.cat([condition, condition[:1]])
        assert (unet(x, torch.tensor(300), padded[None]).sample - once).abs().max() > 1e-3
