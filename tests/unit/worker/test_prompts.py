"""Prompts against the model's window."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.contents import parts
from imvar_studio.model.errors import ModelError, SpecError
from imvar_studio.model.look import Edit, Join, Picture, Prompt, Scale, Weighted
from imvar_studio.model.source import Asset
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.models import resolve
from imvar_studio.worker.prompts import check_prompts

if TYPE_CHECKING:
    from imvar_studio.model.model_card import ModelCard

LONG = "a red fox in the deep snow beside a frozen lake under the northern lights at night, photo"


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> ModelCard:
    return resolve("starter", DigestCache(tmp_path_factory.mktemp("hashes")))


def test_a_prompt_fits_exactly_where_the_tower_takes_it(starter, load_model):
    """The same border as the engine's own: the window less its two ends."""
    tokenizer = load_model("starter", "fp32").tokenizer
    for text in (LONG, "fox " * 30, "🦊" * 10, "don't STOP  now; 12345!", "ÉLÉGANCE " * 9):
        count = len(tokenizer(text).input_ids)
        check_prompts(Prompt(text), replace(starter, window=count))
        with pytest.raises(SpecError, match=f"has {count - 2} tokens, .* at most {count - 3}: "):
            check_prompts(Prompt(text), replace(starter, window=count - 1))


def test_it_is_found_wherever_it_stands(starter):
    small = replace(starter, window=5)
    for look in (Scale(Prompt(LONG), 2), Edit(Prompt("fox"), "fox", LONG, 1),
                 Join((Prompt("fox"), Prompt(LONG)))):  # fmt: skip
        with pytest.raises(SpecError):
            check_prompts(Timeline((Keyframe("key", 0, (Weighted(look),)),)), small)
    with pytest.raises(SpecError):
        check_prompts(Keyframe("key", 0, (Weighted(Prompt("fox")),), negative=Prompt(LONG)), small)


def test_the_text_family_reads_eight_windows(starter, load_model):
    card = load_model("text", "fp32").card
    tokenizer = load_model("text", "fp32").tokenizer
    check_prompts(Prompt("cat " * 600), card)
    with pytest.raises(SpecError, match="fills 9 windows of 75 tokens, at most 8 are read: sh"):
        check_prompts(Prompt("cat " * 601), card)
    check_prompts(Prompt("a BREAK " * 7 + "a"), card)
    with pytest.raises(SpecError, match="fills 9 windows"):
        check_prompts(Edit(Prompt("a"), "b", "a BREAK " * 8 + "a", 1), card)
    for text in ("a (cat:4.1)", "((a:3) cat:2)", "(cat:-1)"):
        with pytest.raises(SpecError, match=r"weights must be in \[0, 4\], got"):
            check_prompts(Prompt(text), card)
        check_prompts(Prompt(text), starter)  # characters there
    # emphasis is no part of the words: brackets take no tokens
    many = "(cat) " * 600
    assert len(tokenizer(many).input_ids) > 1200
    check_prompts(Prompt(many), card)


def test_short_prompts_need_no_tokenizer(starter, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    check_prompts(Prompt("a turtle in a meadow  " + " " * 50), starter)
    with pytest.raises(ImportError):
        check_prompts(Prompt(LONG), starter)


def test_a_model_without_a_text_tower(starter):
    blind = replace(starter, text_tower="", window=0)
    with pytest.raises(ModelError, match="has no text tower: use pictures"):
        check_prompts(Prompt("fox"), blind)
    check_prompts(Picture(Asset("0" * 64)), blind)
    told = replace(blind, text_remedy="put one there")
    with pytest.raises(ModelError, match="has no text tower: put one there"):
        check_prompts(Edit(Picture(Asset("0" * 64)), "a", "b", 1), told)
    check_prompts(Prompt("fox"), replace(starter, text_tower="", companion="there"))


def test_parts_are_all_there_is_in_a_value():
    look = Scale(Picture(Asset("0" * 64)), 2)
    found = list(parts((look, "text")))
    assert look in found
    assert Asset("0" * 64) in found
    assert {"text", "0" * 64, 2.0} <= {each for each in found if isinstance(each, (str, float))}
