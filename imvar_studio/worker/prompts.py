"""Prompts against what a model's text tower reads, before the model is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from imvar_studio.model.contents import parts
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Prior, texts_in
from imvar_studio.model.model_card import TEXT, no_picture_look, no_text_tower
from imvar_studio.model.prior_card import check_prior
from imvar_studio.model.prompt_syntax import parse
from imvar_studio.model.prompt_windows import (
    COMMA,
    MOST_WINDOWS,
    most_windows,
    shortened,
    windows,
)
from imvar_studio.store.priors import find_prior

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imvar_studio.model.model_card import ModelCard

_ENDS = 2  # tokens that begin and end every window


def check_prompts(value: object, card: ModelCard) -> None:
    """Refuse prompts that the model does not read to their end.

    Args:
        value: a dataclass or tuple, searched through: a look, a timeline.
        card: the model's.

    Raises:
        SpecError: a prompt of more tokens than the model's window; in the text family of more
            than 8 windows, or with a weight outside [0, 4].
        ModelError: any prompt, where the model has no text tower; a prior that is not there or
            does not go with the model.
    """
    texts = texts_in(value)
    if texts and not card.reads_prompts:
        raise no_text_tower(card)
    if card.family == TEXT:
        _check_windows(texts, card)
    else:
        _check_lengths(texts, card.window, _tokenizer_of(card), f"model {card.ref.id}")
    _check_priors(value, card)


def _check_windows(texts: Iterable[str], card: ModelCard) -> None:
    room = card.window - _ENDS
    for text in texts:
        parse(text)
    long = [text for text in texts if most_windows(text, room) > MOST_WINDOWS]
    tokenizer: Any = _tokenizer(_tokenizer_of(card)) if long else None
    for text in long:
        comma = tokenizer.convert_tokens_to_ids(COMMA)
        windows(text, lambda words: _ids(tokenizer, words), comma, room)


def _check_priors(value: object, card: ModelCard) -> None:
    for look in {part for part in parts(value) if isinstance(part, Prior)}:
        if card.family == TEXT:
            raise no_picture_look(card)
        prior = find_prior(look.model)
        check_prior(look, prior, card)
        place = Path(prior.path) / "tokenizer"
        _check_lengths((look.text,), prior.window, place, f"prior {prior.id}")


def _check_lengths(texts: Iterable[str], window: int, place: Path, reader: str) -> None:
    room = window - _ENDS
    # a token takes at least a byte, and blanks take none: short ones need no counting
    long = [text for text in texts if len("".join(text.split()).encode()) > room]
    tokenizer = _tokenizer(place) if long else None
    for text in long:
        found = len(_ids(tokenizer, text))
        if found > room:
            message = (
                f"prompt {shortened(text)!r} has {found} tokens, {reader} reads at most {room}"
            )
            raise SpecError(message, "prompt", "shorten it")


def _tokenizer_of(card: ModelCard) -> Path:
    return Path(card.tokenizer_path) if card.tokenizer_path else Path(card.path) / "tokenizer"


def _tokenizer(path: Path) -> Any:
    from transformers import CLIPTokenizer  # slow, though it loads no torch

    return CLIPTokenizer.from_pretrained(path, local_files_only=True)


def _ids(tokenizer: Any, text: str) -> list[int]:
    found = tokenizer(text, add_special_tokens=False, truncation=False, verbose=False)
    ids: list[int] = found.input_ids
    return ids
