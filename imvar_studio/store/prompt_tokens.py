"""How many tokens prompts have, and how many a model reads, without loading the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.model.errors import ModelError, SpecError
from imvar_studio.model.model_card import TEXT
from imvar_studio.model.prompt_windows import COMMA, split
from imvar_studio.store.models import resolve

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_ENDS = ("<|startoftext|>", "<|endoftext|>")  # begin and end every prompt
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


@dataclass(frozen=True, slots=True)
class PromptReader:
    """What a model's text tower reads of a prompt.

    Args:
        most: tokens of a window, without those that begin and end it.
        tokens: returns the tokens of a text, without those.
        comma: the token that a window may end with; None where one window is all that is read.
    """

    most: int
    tokens: Callable[[str], list[int]]
    comma: int | None = None

    def count(self, text: str) -> int:
        """Return the tokens of a text that is read word for word."""
        return len(self.tokens(text))

    def room(self, text: str) -> PromptRoom:
        """Return how much of the room there is a prompt takes."""
        if self.comma is None:
            return PromptRoom(self.most, tokens=self.count(text))
        try:
            return PromptRoom(
                self.most, windows=len(split(text, self.tokens, self.comma, self.most))
            )
        except SpecError as error:
            return PromptRoom(self.most, problem=error.message)


@dataclass(frozen=True, slots=True)
class PromptRoom:
    """The room that a prompt takes.

    Args:
        most: tokens of a window.
        tokens: of a prompt of the image-variation family, which reads one window; 0 elsewhere.
        windows: of a prompt of the text family; 0 elsewhere.
        problem: what is wrong in the prompt; "" for nothing.
    """

    most: int
    tokens: int = 0
    windows: int = 0
    problem: str = ""


def prompt_reader(model: str) -> PromptReader | None:
    """Return how a model reads prompts; None where it reads none. Slow.

    Args:
        model: id or path, as `models.resolve` takes it.

    Raises:
        ModelError: if there is no such model, or its tokenizer cannot be read.
        StoreError: if a file of it cannot be read.
    """
    card = resolve(model)
    if not card.reads_prompts:
        return None
    folder = Path(card.tokenizer_path) if card.tokenizer_path else Path(card.path) / "tokenizer"
    tokenizer = load_tokenizer(folder)
    comma = tokenizer.token_to_id(COMMA) if card.family == TEXT else None
    return PromptReader(card.window - len(_ENDS), lambda text: _ids(tokenizer, text), comma)


def load_tokenizer(folder: Path) -> Tokenizer:
    """Return CLIP's tokenizer, without its beginnings and ends.

    Args:
        folder: with `vocab.json` and `merges.txt`, or with `tokenizer.json` alone.

    Raises:
        ModelError: if they cannot be read.

    Source: Radford et al. 2021, the byte pairs; the words as in OpenAI's `simple_tokenizer.py`.
    """
    # slow to load, and there is no need of it before a prompt is long
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    files = str(folder / "vocab.json"), str(folder / "merges.txt")
    whole = folder / "tokenizer.json"
    try:
        if whole.is_file() and not (folder / "vocab.json").is_file():
            found = Tokenizer.from_file(str(whole))
            found.no_truncation()
            return found
        pairs = models.BPE.from_file(*files, unk_token=_ENDS[1], end_of_word_suffix="</w>")
    except Exception as error:  # the library raises nothing narrower
        raise ModelError(f"the tokenizer in {folder} cannot be read: {error}") from error
    found = Tokenizer(pairs)
    found.add_special_tokens(list(_ENDS))
    found.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    found.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    return found


def _ids(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False).ids)
