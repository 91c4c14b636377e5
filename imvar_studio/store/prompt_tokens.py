"""How many tokens prompts have, and how many a model reads, without loading the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imvar_studio.model.errors import ModelError
from imvar_studio.store.models import resolve

_ENDS = ("<|startoftext|>", "<|endoftext|>")  # begin and end every prompt
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


@dataclass(frozen=True, slots=True)
class PromptReader:
    """What a model's text tower reads of a prompt.

    Args:
        most: tokens of a prompt that are read, without those that begin and end it.
        count: returns the tokens of a text, without those.
    """

    most: int
    count: Callable[[str], int]


def prompt_reader(model: str) -> PromptReader | None:
    """Return how a model reads prompts; None where it reads none. Slow.

    Args:
        model: id or path, as `models.resolve` takes it.

    Raises:
        ModelError: if there is no such model, or its tokenizer cannot be read.
        StoreError: if a file of it cannot be read.
    """
    card = resolve(model)
    if not card.text_tower:
        return None
    folder = Path(card.tokenizer_path) if card.tokenizer_path else Path(card.path) / "tokenizer"
    return PromptReader(card.window - len(_ENDS), token_counter(folder))


def token_counter(folder: Path) -> Callable[[str], int]:
    """Return what counts a text's tokens as CLIP's tokenizer makes them.

    Args:
        folder: with `vocab.json` and `merges.txt`.

    Raises:
        ModelError: if they cannot be read.

    Source: Radford et al. 2021, the byte pairs; the words as in OpenAI's `simple_tokenizer.py`.
    """
    # slow to load, and there is no need of it before a prompt is long
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    files = str(folder / "vocab.json"), str(folder / "merges.txt")
    try:
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
    return lambda text: len(found.encode(text).ids)
