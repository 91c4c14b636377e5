"""Tokens of prompts, counted without the model."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from imvar_studio.model.errors import ModelError
from imvar_studio.store.places import bundled_folder
from imvar_studio.store.prompt_tokens import prompt_reader, token_counter

if TYPE_CHECKING:
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

    own, count = CLIPTokenizer.from_pretrained(CLIP, local_files_only=True), token_counter(CLIP)
    for text in TEXTS:
        tokens = own(text, truncation=False, verbose=False).input_ids
        assert count(text) == len(tokens) - 2, text


def test_the_starter_reads_a_window_without_its_ends() -> None:
    reader = prompt_reader("starter")
    assert reader is not None
    assert reader.most == 30
    assert reader.count("an owl at night") == 4


def test_a_folder_without_a_tokenizer_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        token_counter(tmp_path)


def test_counting_loads_no_model_library() -> None:
    code = (
        "import sys; from imvar_studio.store.prompt_tokens import prompt_reader as read;"
        "assert 'tokenizers' not in sys.modules; assert read('starter').count('owl') == 1;"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
