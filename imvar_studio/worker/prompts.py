"""Prompts against the window of a model's text tower, before the model is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imvar_studio.model.contents import parts
from imvar_studio.model.errors import ModelError, SpecError
from imvar_studio.model.look import Edit, Prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.model.model_card import ModelCard

_ENDS = 2  # tokens that begin and end every prompt


def check_prompts(value: object, card: ModelCard) -> None:
    """Refuse prompts that the model does not read to their end.

    Args:
        value: a dataclass or tuple, searched through: a look, a timeline.
        card: the model's.

    Raises:
        SpecError: a prompt of more tokens than the model's window.
        ModelError: any prompt, where the model has no text tower.
    """
    texts: dict[str, None] = {}
    for part in parts(value):
        if isinstance(part, Prompt):
            texts[part.text] = None
        elif isinstance(part, Edit):
            texts.update(dict.fromkeys((part.origin, part.target)))
    if texts and not card.text_tower:
        raise ModelError(f"model {card.ref.id} has no text tower", "use pictures, or another model")
    room = card.window - _ENDS
    # a token takes at least a byte, and blanks take none: short ones need no counting
    long = [text for text in texts if len("".join(text.split()).encode()) > room]
    count = _counter(card) if long else len
    for text in long:
        found = count(text)
        if found > room:
            short = text if len(text) <= 40 else text[:37] + "..."
            message = (
                f"prompt {short!r} has {found} tokens, model {card.ref.id} reads at most {room}"
            )
            raise SpecError(message, "prompt", "shorten it")


def _counter(card: ModelCard) -> Callable[[str], int]:
    from transformers import CLIPTokenizer  # slow, though it loads no torch

    path = card.tokenizer_path or Path(card.path) / "tokenizer"
    tokenizer = CLIPTokenizer.from_pretrained(path, local_files_only=True)
    return lambda text: len(tokenizer(text, truncation=False, verbose=False).input_ids) - _ENDS
