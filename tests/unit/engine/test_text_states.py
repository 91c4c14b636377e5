"""The text family's looks: hidden states of prompts, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch

from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.tensor_cache import TensorCache
from imvar_studio.engine.text_states import TextStates
from imvar_studio.model.errors import ModelError, SpecError
from imvar_studio.model.look import Blend, Crop, Join, Mix, Nothing, Picture, Prompt, Weighted
from imvar_studio.model.start import InversionSpec, Inverted

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.look import Look
    from imvar_studio.model.recipe import Recipe


@pytest.fixture
def bundle(load_model: Callable[..., Bundle]) -> Bundle:
    return load_model("text", "fp32")


@pytest.fixture
def states(bundle: Bundle) -> TextStates:
    return TextStates(bundle, TensorCache(None, bundle.card.ref, "test"))


@torch.inference_mode()
def test_a_prompt_is_its_window_of_hidden_states(states: TextStates, bundle: Bundle) -> None:
    found = states.prompt(Prompt("a red cat"))
    assert (found.shape, found.dtype) == ((77, 64), torch.float32)
    ids = bundle.tokenizer("a red cat").input_ids
    assert (ids[0], ids[-1], len(ids)) == (49406, 49407, 5)
    padded = torch.tensor([ids + [49407] * 72])
    assert torch.equal(found, bundle.text_tower(padded).last_hidden_state[0])
    assert not torch.allclose(found, states.prompt(Prompt("a blue cat")), atol=0.01)


@torch.inference_mode()
def test_nothing_is_the_empty_prompt_and_not_zeros(states: TextStates) -> None:
    assert torch.equal(states.nothing(), states.prompt(Prompt("")))
    assert states.nothing().abs().mean() > 0.1


@torch.inference_mode()
def test_a_prompt_may_fill_the_window_and_no_more(states: TextStates) -> None:
    assert states.prompt(Prompt("cat " * 75)).shape == (77, 64)
    with pytest.raises(SpecError) as caught:
        states.prompt(Prompt("cat " * 76))
    sentence = str(caught.value)
    assert "has 76 tokens, model tiny-text reads at most 75: shorten it" in sentence
    assert len(sentence) < 150


@pytest.mark.parametrize("kind", ["picture", "crop", "join"])
def test_pictures_are_refused(
    bundle: Bundle, pictures: Any, recipe: Callable[..., Recipe], kind: str
) -> None:
    asset = pictures.asset("waves 64x64")
    look: Look = Picture(asset)
    if kind != "picture":
        look = Crop(asset) if kind == "crop" else Join((Prompt("a"), look))
    with pytest.raises(ModelError, match="tiny-text takes prompts only, a picture cannot be its"):
        Renderer(bundle, pictures).latents([recipe(bundle, look)])


def test_a_picture_to_start_from_needs_a_prompt_to_invert_it_under(
    bundle: Bundle,
    load_model: Callable[..., Bundle],
    pictures: Any,
    recipe: Callable[..., Recipe],
) -> None:
    start = Inverted(pictures.asset("waves 64x64"))
    with pytest.raises(ModelError, match="takes prompts only"):
        Renderer(bundle, pictures).latents([recipe(bundle, Prompt("a"), start=start)])
    bundle = load_model("text_2", "fp32")
    renderer = Renderer(bundle, pictures)
    made = []
    for text in ("a", "an owl"):
        under = replace(start, spec=InversionSpec(steps=4, look=Prompt(text)))
        wanted = recipe(bundle, Prompt("a"), start=under, guidance=1.0, sampler="ddim")
        assert renderer.inversions_to_make([wanted]) > 0
        made.append(renderer.latents([wanted]))
    assert torch.isfinite(torch.cat(made)).all()
    assert (made[0] - made[1]).abs().max() > 0.01 * made[0].abs().max()


@torch.inference_mode()
def test_looks_of_one_window_mix_and_of_several_do_not(
    bundle: Bundle, pictures: Any, recipe: Callable[..., Recipe]
) -> None:
    a, b = Prompt("a cat"), Prompt("a boat")
    renderer = Renderer(bundle, pictures)
    mixed = renderer.latents([recipe(bundle, Mix((Weighted(a), Weighted(b))))])
    middle = renderer.latents([recipe(bundle, Blend(a, b, 0.5))])
    assert torch.allclose(mixed, middle, atol=1e-4)
    with pytest.raises(SpecError, match=r"equal token counts, got \[77, 154\]"):
        renderer.latents([recipe(bundle, Mix((Weighted(a), Weighted(Join((a, b))))))])
    wide = renderer.latents([recipe(bundle, Join((a, b)), negative=Nothing())])
    assert torch.isfinite(wide).all()
