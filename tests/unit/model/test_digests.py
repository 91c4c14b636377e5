"""Digests: what changes a picture's name and what does not."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from imvar_studio.model import recipe as recipes
from imvar_studio.model.canonical import canonical_json, digest_data, digest_value
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Blend, Edit, Picture, Prompt, Scale, Weighted
from imvar_studio.model.recipe import LoraRef, ModelRef, Recipe, recipe_digest, settled
from imvar_studio.model.source import Asset, Framing, Rect, Region, Size
from imvar_studio.model.start import Between, Encode, Noise

SHA = "ab" * 32
MODEL = ModelRef("starter", SHA)
RECIPE = Recipe(MODEL, (Weighted(Prompt("an owl")),), Noise(7), Size(256, 256))


def with_look(look: Any, **fields: Any) -> Recipe:
    return replace(RECIPE, looks=(Weighted(look),), **fields)


def test_a_name_is_blake2b_over_the_canonical_recipe() -> None:
    text = (
        '{"epoch":1,"recipe":{"guidance":2.5,"looks":[{"look":{"kind":"prompt","text":"Käuzchen"},'
        '"weight":0.333333333}],"model":{"id":"starter","weights":"' + SHA + '"},'
        '"size":{"height":192,"width":256},"start":{"kind":"noise","seed":7}}}'
    )
    looks = (Weighted(Prompt("Käuzchen"), 1 / 3),)
    recipe = replace(RECIPE, looks=looks, guidance=2.5, size=Size(256, 192))
    assert canonical_json(recipes.recipe_record(recipe)) == text
    assert recipe_digest(recipe) == hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


def test_another_epoch_is_another_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    before = recipe_digest(RECIPE)
    monkeypatch.setattr(recipes, "ENGINE_EPOCH", recipes.ENGINE_EPOCH + 1)
    assert recipe_digest(RECIPE) != before


SAME = {
    "minus zero": (with_look(Scale(Prompt("a"), 0.0)), with_look(Scale(Prompt("a"), -0.0))),
    "minus zero by default": (replace(RECIPE, eta=0.0), replace(RECIPE, eta=-0.0)),
    "an int for a float": (replace(RECIPE, guidance=5.0), replace(RECIPE, guidance=5)),
    "an int below": (with_look(Scale(Prompt("a"), 2.0)), with_look(Scale(Prompt("a"), 2))),
    "NFD": (with_look(Prompt("K\u00e4uzchen")), with_look(Prompt("Ka\u0308uzchen"))),
    "the 13th digit": (replace(RECIPE, guidance=0.1), replace(RECIPE, guidance=0.1 + 1e-12)),
    "a hair from the default": (RECIPE, replace(RECIPE, guidance=2.9999999999999996)),
    "a hair above the default": (RECIPE, replace(RECIPE, guidance=3.0000000000000004)),
    "a default given": (RECIPE, replace(RECIPE, precision="fp32", steps=16)),
    "a colour's case": (
        with_look(Picture(Asset(SHA, Framing("fit", background="#ABCDEF")))),
        with_look(Picture(Asset(SHA, Framing("fit", background="#abcdef")))),
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_what_changes_nothing(case: str) -> None:
    one, other = SAME[case]
    name = recipe_digest(one)
    assert recipe_digest(other) == name
    for each in (one, other):
        assert recipe_digest(settled(each)) == name
        assert recipe_digest(decode(json.loads(json.dumps(encode(each))), Recipe)) == name
    assert settled(one) == settled(other)


OTHER = {
    "the 8th digit": replace(RECIPE, guidance=3 + 1e-7),
    "the last digit that counts": replace(RECIPE, guidance=3.00000001),
    "the seed": replace(RECIPE, start=Noise(8)),
    "a seed that doubles cannot tell": replace(RECIPE, start=Noise(2**53 + 1)),
    "the neighbour of that seed": replace(RECIPE, start=Noise(2**53)),
    "the kind of start": replace(RECIPE, start=Encode(Asset(SHA), 0.5, 7)),
    "the text's case": with_look(Prompt("An owl")),
    "a space": with_look(Prompt("an owl ")),
    "another letter that looks alike": with_look(Prompt("\u0430n owl")),  # Cyrillic a
    "ligatures, which NFC keeps": with_look(Prompt("\ufb01sh")),
    "what they stand for": with_look(Prompt("fish")),
    "no norm": with_look(Prompt("an owl", match_norm=False)),
    "the weight": replace(RECIPE, looks=(Weighted(Prompt("an owl"), 2),)),
    "the negative": replace(RECIPE, negative=Prompt("blur")),
    "the model": replace(RECIPE, model=ModelRef("starter", "cd" * 32)),
    "a LoRA": replace(RECIPE, model=ModelRef("starter", SHA, (LoraRef("cd" * 32),))),
    "its strength": replace(RECIPE, model=ModelRef("starter", SHA, (LoraRef("cd" * 32, 0.5),))),
    "width for height": replace(RECIPE, size=Size(256, 192)),
    "height for width": replace(RECIPE, size=Size(192, 256)),
    "the precision": replace(RECIPE, precision="bf16"),
    "the spacing": replace(RECIPE, spacing="leading"),
    "the sampler": replace(RECIPE, sampler="ddim"),
    "eta": replace(RECIPE, eta=0.5, sampler="ddim", variance=Noise(7)),
    "a little eta": replace(RECIPE, eta=1e-12, sampler="ddim", variance=Noise(7)),
    "eta's noise": replace(
        RECIPE, eta=0.5, sampler="ddim", variance=Between(Noise(7), Noise(8), 0.5)
    ),
    "a blend": with_look(Blend(Prompt("an owl"), Prompt("a fox"), 0.5)),
    "its ends": with_look(Blend(Prompt("a fox"), Prompt("an owl"), 0.5)),
    "its path": with_look(Blend(Prompt("an owl"), Prompt("a fox"), 0.5, "slerp")),
}


def test_what_changes_a_picture_changes_its_name() -> None:
    names = {case: recipe_digest(recipe) for case, recipe in OTHER.items()}
    names["as it is"] = recipe_digest(RECIPE)
    assert len(set(names.values())) == len(names)


def test_nine_digits_count() -> None:
    name = recipe_digest(replace(RECIPE, guidance=0.1))
    assert recipe_digest(replace(RECIPE, guidance=0.1 + 1e-12)) == name
    assert recipe_digest(replace(RECIPE, guidance=0.1 + 1e-8)) != name
    assert recipe_digest(replace(RECIPE, guidance=0.1 + 1e-9)) != name


def test_a_settled_recipe_has_the_floats_of_its_name() -> None:
    recipe = with_look(Edit(Prompt("a"), "b", "c", 1 / 3), guidance=3.0000000000000004)
    rounded = settled(recipe)
    assert rounded.guidance == 3.0
    assert rounded.looks[0].look.amount == 0.333333333
    assert settled(rounded) == rounded


@pytest.mark.parametrize("near", [0.12345678950000001, 0.7, 0.1 + 0.2, 1 / 3, 0.9999999999])
def test_a_region_up_to_the_edge_stays_one_when_it_is_rounded(near: float) -> None:
    for over in (0, 1e-16, 9.9e-10):
        rect = Rect(near, 0, 1 - near + over, 1)
        recipe = with_look(Picture(Region(Asset(SHA), rect, Size(64, 64))))
        assert recipe_digest(settled(recipe)) == recipe_digest(recipe)


def test_a_region_beyond_the_edge_is_refused() -> None:
    for rect in ((0.5, 0, 0.50000001, 1), (0, 0.5, 1, 0.50000001)):
        with pytest.raises(SpecError, match="region must lie inside the picture"):
            Rect(*rect)


FORMS = [
    (None, "null"),
    ([True, False], "[true,false]"),
    (10**40, "1" + "0" * 40),
    (0.1, "0.1"),
    (-0.0, "0"),
    (1.0, "1"),
    (1 / 3, "0.333333333"),
    (123456789.5, "123456790"),
    (1234567890.0, "1.23456789e+09"),
    (1e-5, "1e-05"),
    (1e22, "1e+22"),
    (5e-324, "4.94065646e-324"),
    ({"b": 1, "a": [{}], "B": ""}, '{"B":"","a":[{}],"b":1}'),
    ({"\ue000": 1, "\U0001f989": 2, "é": 3}, '{"é":3,"\ue000":1,"\U0001f989":2}'),
    ('a"\\\n\t/\u2028', '"a\\"\\\\\\n\\t/\u2028"'),
    ("e\u0301", '"\u00e9"'),
    ({"e\u0301": 1}, '{"\u00e9":1}'),
    ((1, 2), "[1,2]"),
]


@pytest.mark.parametrize(("data", "form"), FORMS, ids=str)
def test_canonical_form(data: object, form: str) -> None:
    assert canonical_json(data) == form
    assert digest_data(data) == hashlib.blake2b(form.encode(), digest_size=32).hexdigest()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_name_for_what_is_not_finite(value: float) -> None:
    with pytest.raises(SpecError, match=f"a number must be finite, got {value}"):
        digest_data({"a": [1, value]})


@pytest.mark.parametrize("value", [b"a", {1}, Decimal(1), 1j])
def test_no_name_for_what_json_cannot_say(value: object) -> None:
    with pytest.raises(SpecError, match=f"{type(value).__name__} has no canonical form"):
        digest_data([value])


def test_the_name_of_a_value() -> None:
    assert digest_value(Prompt("Ka\u0308uzchen")) == digest_data({"text": "K\u00e4uzchen"})
    assert digest_value(Rect(0, 0, 0.1 + 1e-12, 1)) == digest_value(Rect(-0.0, 0, 0.1, 1.0))
