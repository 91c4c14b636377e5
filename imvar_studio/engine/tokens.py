"""Prompts to tokens; what a window does not hold is said, never cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imvar_studio.model.errors import ModelError, SpecError

if TYPE_CHECKING:
    from imvar_studio.engine.bundle import Bundle


def run_text_tower(bundle: Bundle, text: str) -> Any:
    """Return the text tower's output for `text`, padded to its window.

    It gets the ids alone, as in the models' own pipelines: they were trained to see the padding.

    Raises:
        ModelError: the model has no text tower.
        SpecError: more tokens than the window holds.
    """
    card, tower, tokenizer = bundle.card, bundle.text_tower, bundle.tokenizer
    if tower is None or tokenizer is None:
        raise ModelError(f"model {card.ref.id} has no text tower", "use pictures, or another model")
    tokens = tokenizer(
        text,
        return_tensors="pt",
        padding="max_length",
        max_length=card.window,
        truncation=False,
        verbose=False,  # we say it ourselves
    )
    count = tokens.input_ids.shape[1]
    if count > card.window:
        short = text if len(text) <= 40 else text[:37] + "..."
        raise SpecError(
            f"prompt {short!r} has {count - 2} tokens, "
            f"model {card.ref.id} reads at most {card.window - 2}",
            "prompt",
            "shorten it",
        )
    return tower(input_ids=tokens.input_ids.to(bundle.compute.device))
