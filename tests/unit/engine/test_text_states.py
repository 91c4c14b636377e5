"""The text family's looks: hidden states of prompts, and what it refuses."""

from __future__ import annotations

import copy
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from safetensors.torch import save

from imvar_studio.engine.conditioning import Conditioning
from imvar_studio.engine.renderer import Renderer
from imvar_studio.engine.tensor_cache import TensorCache
from imvar_studio.engine.text_states import TextStates
from imvar_studio.engine.tokens import emphasise
from imvar_studio.model.canonical import digest_data
from imvar_studio.model.codec import encode
from imvar_studio.model.errors import ModelError, SpecError
from imvar_studio.model.look import (
    Blend,
    Crop,
    Edit,
    Jitter,
    Join,
    Mix,
    Nothing,
    Picture,
    Prompt,
    Scale,
    Shift,
    Weighted,
)
from imvar_studio.model.source import Asset, Size
from imvar_studio.model.start import InversionSpec, Inverted, Noise
from imvar_studio.plan.plan import chunks, gather

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.model.look import Look
    from imvar_studio.model.recipe import ModelRef, Recipe


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
def test_a_long_prompt_goes_on_in_further_windows(states: TextStates, bundle: Bundle) -> None:
    """Each is read as a prompt of its own: BOS, at most 75 tokens, EOS and padding."""
    assert states.prompt(Prompt("cat " * 75)).shape == (77, 64)
    long = states.prompt(Prompt("cat " * 75 + "dog"))
    assert torch.equal(long, torch.cat([states.prompt(Prompt(t)) for t in ("cat " * 75, "dog")]))
    cat, dog = bundle.tokenizer("cat dog").input_ids[1:-1]
    first, second = torch.tensor([[49406, *[cat] * 75, 49407], [49406, dog, *[49407] * 75]])
    assert torch.equal(long[:77], bundle.text_tower(first[None]).last_hidden_state[0])
    assert torch.equal(long[77:], bundle.text_tower(second[None]).last_hidden_state[0])
    broken = states.prompt(Prompt("cat BREAK a red, (dog)"))
    assert torch.equal(broken[:77], states.prompt(Prompt("cat")))
    assert torch.equal(broken[77:], states.prompt(Prompt("a red, (dog)")))
    with pytest.raises(SpecError) as caught:
        states.prompt(Prompt("cat " * 601))
    sentence = str(caught.value)
    assert "fills 9 windows of 75 tokens, at most 8 are read: shorten it" in sentence
    assert len(sentence) < 150


@torch.inference_mode()
def test_a_full_window_ends_at_a_comma(states: TextStates) -> None:
    found = states.prompt(Prompt("cat " * 60 + ", " + "dog " * 15))
    assert torch.equal(found[:77], states.prompt(Prompt("cat " * 60 + ",")))
    assert torch.equal(found[77:], states.prompt(Prompt("dog " * 15)))


@torch.inference_mode()
def test_padding_is_the_tokenizers_own(load_model: Callable[..., Bundle]) -> None:
    """Stable Diffusion 2 pads with token 0 behind the end, in every window."""
    bundle = load_model("text_2", "fp32")
    states = TextStates(bundle, TensorCache(None, bundle.card.ref, "test"))
    cat = bundle.tokenizer("cat").input_ids
    ids = torch.tensor([cat + [0] * 74])
    assert cat[1:] != [0, 0]
    found = states.prompt(Prompt("BREAK cat"))
    assert torch.equal(found[77:], bundle.text_tower(ids).last_hidden_state[0])
    assert torch.equal(found[:77], states.nothing())


@torch.inference_mode()
def test_emphasis_multiplies_states_and_keeps_the_mean(bundle: Bundle) -> None:
    tower = copy.deepcopy(bundle.text_tower)
    (bias,) = (w for name, w in tower.named_parameters() if name.endswith("final_layer_norm.bias"))
    bias += torch.linspace(-1, 1.5, 64)  # random weights give states of mean 0, trained ones not
    odd = replace(bundle, text_tower=tower)
    states = TextStates(odd, TensorCache(None, bundle.card.ref, "test"))
    plain = states.prompt(Prompt("a red cat"))
    weights = torch.ones(77, 1)
    for prompt, red, cat in (
        ("a (red) cat", 1.1, 1.0),
        ("a [red] (cat:1.5)", 1 / 1.1, 1.5),
        ("a ((red) cat:0.5)", 0.55, 0.5),
        ("a (red:0) cat", 0.0, 1.0),
    ):
        weights[2], weights[3] = red, cat  # behind BOS and "a"
        wanted = plain * weights
        wanted *= plain.mean() / wanted.mean()
        found = states.prompt(Prompt(prompt))
        assert torch.allclose(found, wanted, rtol=1e-5, atol=1e-6)
        assert abs(found.mean() - plain.mean()) < 1e-6
        assert (found - plain).abs().max() > 0.01
    # what brackets do not change, no arithmetic does
    assert torch.equal(states.prompt(Prompt("a (red:1) cat")), plain)
    assert torch.equal(states.prompt(Prompt("a ([red]) cat")), plain)
    # each window keeps its own mean
    both = states.prompt(Prompt("a (red) cat BREAK a red cat"))
    assert torch.equal(both[:77], states.prompt(Prompt("a (red) cat")))
    assert torch.equal(both[77:], plain)


def test_a_mean_that_cannot_be_restored_is_left() -> None:
    states, weights = torch.tensor([[1.0, -2.0], [1.0, 1.0], [3.0, -3.0]]), torch.ones(3)
    weights[0] = 2
    found = emphasise(states, weights)  # which would have a mean of 0
    assert torch.equal(found, torch.tensor([[2.0, -4.0], [1.0, 1.0], [3.0, -3.0]]))
    found = emphasise(states + 1, weights)
    wanted = torch.tensor([[4.0, -2.0], [2.0, 2.0], [4.0, -2.0]]) * (7 / 8)
    assert torch.allclose(found, wanted)


def test_escaped_brackets_are_words(states: TextStates, bundle: Bundle) -> None:
    with torch.inference_mode():
        found = states.prompt(Prompt(r"a \(red\) cat"))
        ids = bundle.tokenizer("a (red) cat", padding="max_length", max_length=77).input_ids
        assert torch.equal(found, bundle.text_tower(torch.tensor([ids])).last_hidden_state[0])


def test_states_of_before_brackets_are_never_used(bundle: Bundle, cache: Any) -> None:
    """The name that the cache had for a prompt, as it was written then."""
    ref, prompt = bundle.card.ref, Prompt("a (red) cat")
    old = old_digest(ref, "states", (prompt,))
    tensors = TensorCache(cache, ref, "test")
    cache[old] = save({"tensor": torch.zeros(77, 64)})
    with torch.inference_mode():
        found = TextStates(bundle, tensors).prompt(prompt)
    assert found.abs().max() > 0.1
    assert tensors.digest("states", prompt) in cache
    led_back = Inverted(Asset("ab" * 32), InversionSpec(look=prompt)), Size(64, 64)
    assert tensors.digest("inverted", led_back) != old_digest(ref, "inverted", led_back)
    # without a text nothing changed: such inversions are kept
    other = Inverted(Asset("ab" * 32)), Size(64, 64)
    assert tensors.digest("inverted", other) == old_digest(ref, "inverted", other)


def old_digest(ref: ModelRef, kind: str, inputs: tuple[Any, ...]) -> str:
    return digest_data(
        {
            "kind": kind,
            "epoch": 1,
            "model": encode(ref, rounded=True),
            "numerics": "test",
            "inputs": [[type(each).__name__, encode(each, rounded=True)] for each in inputs],
        }
    )


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
def test_unequal_windows_meet_by_padding_with_the_empty_prompt(
    bundle: Bundle, states: TextStates, pictures: Any
) -> None:
    value = partial(Conditioning(states, pictures).evaluate, size=Size(64, 64))
    cat, long = Prompt("a cat"), Prompt("a boat BREAK at sea BREAK at night")
    a, b = value(cat), value(long)
    assert (a.shape, b.shape) == ((77, 64), (231, 64))
    padded = torch.cat([a, states.nothing(), states.nothing()])
    assert torch.equal(value(Blend(cat, long, 0.25)), 0.75 * padded + 0.25 * b)
    assert torch.equal(value(Blend(long, cat, 0.25)), 0.75 * b + 0.25 * padded)
    mixed = value(Mix((Weighted(cat), Weighted(long, 3))))
    assert torch.allclose(mixed, (padded + 3 * b) / 4, atol=1e-6)
    assert torch.equal(value(Join((long, cat))), torch.cat([b, a]))
    assert torch.equal(value(Scale(long, 2)), 2 * b)
    assert torch.equal(value(Shift(long, 0.5)), b + 0.5)
    assert value(Jitter(long, "add", 0.5, 3)).shape == b.shape


@torch.inference_mode()
def test_a_direction_is_padded_to_what_it_moves_and_the_other_way(
    states: TextStates, pictures: Any
) -> None:
    value = partial(Conditioning(states, pictures).evaluate, size=Size(64, 64))
    cat, long = Prompt("a cat"), Prompt("a boat BREAK at sea")
    day, night, empty = (states.prompt(Prompt(t)) for t in ("day", "night", ""))
    short = value(Edit(long, "day", "night", 0.5))
    assert torch.equal(short[:77], value(long)[:77] + 0.5 * (night - day))
    assert torch.equal(short[77:], value(long)[77:])
    wide = value(Edit(cat, "day", "night BREAK dark", 0.5))
    dark = states.prompt(Prompt("dark"))
    assert torch.equal(wide[:77], value(cat) + 0.5 * (night - day))
    assert torch.equal(wide[77:], empty + 0.5 * (dark - empty))
    # looks side by side: each goes the same way
    both = value(Edit(Join((cat, Prompt("an owl"))), "day", "night", 1))
    each = [value(Edit(Prompt(t), "day", "night", 1)) for t in ("a cat", "an owl")]
    assert torch.equal(both, torch.cat(each))


@torch.inference_mode()
def test_looks_of_any_windows_mix_and_stand_against_others(
    bundle: Bundle, pictures: Any, recipe: Callable[..., Recipe]
) -> None:
    a, b = Prompt("a cat"), Prompt("a boat")
    renderer = Renderer(bundle, pictures)
    mixed = renderer.latents([recipe(bundle, Mix((Weighted(a), Weighted(b))))])
    middle = renderer.latents([recipe(bundle, Blend(a, b, 0.5))])
    assert torch.allclose(mixed, middle, atol=1e-4)
    wide = [
        renderer.latents([recipe(bundle, look, negative=negative)])
        for look, negative in (
            (Mix((Weighted(a), Weighted(Join((a, b))))), Nothing()),
            (Join((a, b)), Prompt("c BREAK d BREAK e")),
            (a, Prompt("c BREAK d")),
        )
    ]
    ensemble = renderer.latents([recipe(bundle, a, Prompt("b BREAK c"))])
    assert torch.isfinite(torch.cat([*wide, ensemble])).all()
    spelt = recipe(bundle, Join((a, Nothing())), Prompt("b BREAK c"), negative=Nothing())
    assert torch.equal(renderer.latents([spelt]), ensemble)
    # the negative look is padded like any other: with windows of the empty prompt
    spelt = recipe(bundle, Prompt("a cat BREAK a dog"), negative=Join((Prompt("c"), Nothing())))
    short = recipe(bundle, Prompt("a cat BREAK a dog"), negative=Prompt("c"))
    assert torch.equal(renderer.latents([spelt]), renderer.latents([short]))


def test_a_picture_of_a_short_prompt_is_the_same_beside_a_long_one(
    bundle: Bundle,
    pictures: Any,
    recipe: Callable[..., Recipe],
    unet_calls: Callable[[Bundle], Any],
) -> None:
    texts = ("a cat", "a boat BREAK at sea", "an owl", "x BREAK y BREAK z")
    wanted = [recipe(bundle, Prompt(text), start=Noise(n)) for n, text in enumerate(texts)]
    plan = gather(wanted, Fraction(12), 4)
    assert [len(chunk) for chunk in chunks(plan)] == [4]
    renderer = Renderer(bundle, pictures)
    alone = [renderer.render([each], 4, [2])[0] for each in wanted]
    told: list[tuple[str, int, int]] = []
    shown: list[tuple[int, int]] = []
    with unet_calls(bundle) as calls:
        together = renderer.render(
            wanted, 4, range(4),
            lambda *each: told.append(each),
            lambda step, steps, x0: shown.append((step, steps)),
        )  # fmt: skip
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_array_equal(a, b)
    assert len({picture.tobytes() for picture in alone}) == 4
    # three runs of the whole batch, as one to whoever listens
    steps = wanted[0].steps
    assert calls.samples == [8] * 3 * steps
    assert told == [("denoising", n + 1, 3 * steps) for n in range(3 * steps)]
    assert shown == [(n + 1, steps) for n in range(steps)]
    torn = renderer.render([wanted[3], wanted[0]], 4, [3, 1])
    np.testing.assert_array_equal(torn[0], alone[3])
    np.testing.assert_array_equal(torn[1], alone[0])
    # padded for its neighbour's sake it would be another picture
    padded = recipe(bundle, Join((Prompt("a cat"), Nothing())), start=Noise(0))
    assert not np.array_equal(renderer.render([padded], 4, [0])[0], alone[0])
