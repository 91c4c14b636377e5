"""Tokens of prompts, counted without the model."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.errors import ModelError
from imvar_studio.store.places import bundled_folder
from imvar_studio.store.prompt_tokens import PromptRoom, load_tokenizer, prompt_reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLIP = bundled_folder("resources") / "models" / "starter" / "tokenizer"
TEXTS = (
    "",
    "an owl at night",
    "  A fox, in the SNOW!! it's 2024\n\tagain",
    "Übergröße, nai\u0308ve 😀😀 “quoted”…",
    "日本語 prompt",
    "before <|endoftext|> behind",
    "word " * 200,
)


def test_tokens_are_those_of_the_model_s_own_tokenizer() -> None:
    from transformers import CLIPTokenizer

    own, ours = CLIPTokenizer.from_pretrained(CLIP, local_files_only=True), load_tokenizer(CLIP)
    for text in TEXTS:
        tokens = own(text, truncation=False, verbose=False).input_ids
        assert ours.encode(text).ids == tokens[1:-1], text


def test_the_starter_reads_a_window_without_its_ends() -> None:
    reader = prompt_reader("starter")
    assert reader is not None
    assert reader.most == 30
    assert reader.count("an owl at night") == 4
    # brackets are characters there, and BREAK is a word
    assert reader.room("(owl:9)") == PromptRoom(30, tokens=reader.count("(owl:9)"))
    assert reader.room("owl BREAK owl") == PromptRoom(30, tokens=3)


def test_the_text_family_reads_windows(tiny_model: Callable[[str], Path]) -> None:
    reader = prompt_reader(str(tiny_model("text")))
    assert reader is not None
    assert reader.room("a (red:1.3) cat") == PromptRoom(75, windows=1)
    assert reader.room("cat " * 75) == PromptRoom(75, windows=1)
    assert reader.room("cat " * 76) == PromptRoom(75, windows=2)
    assert reader.room("a cat BREAK a dog") == PromptRoom(75, windows=2)
    assert reader.room("cat BREAK " * 8 + "cat") == PromptRoom(75, windows=9)
    problem = "prompt weights must be in [0, 4], got 9"
    assert reader.room("a (cat:9)") == PromptRoom(75, problem=problem)
    # a comma within the last 20 tokens ends the window: what follows it goes on in the next
    assert reader.room("cat " * 60 + ", " + "cat " * 75) == PromptRoom(75, windows=2)
    assert reader.room("cat " * 60 + ", " + "cat " * 76) == PromptRoom(75, windows=3)


def test_a_folder_without_a_tokenizer_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_tokenizer(tmp_path)


def test_counting_loads_no_model_library() -> None:
    code = (
        "import sys; from imvar_studio.store.prompt_tokens import prompt_reader as read;"
        "assert 'tokenizers' not in sys.modules; assert read('starter').count('owl') == 1;"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
