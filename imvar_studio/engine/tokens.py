"""Prompts to tokens; what the model does not read is said, never cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from imvar_studio.model.errors import SpecError
from imvar_studio.model.model_card import no_text_tower
from imvar_studio.model.prompt_windows import COMMA, Window, shortened, windows

if TYPE_CHECKING:
    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle

_ROUNDING = 1e-6  # of a mean in fp32, to the values' size


def run_text_tower(bundle: Bundle, text: str) -> Any:
    """Return the text tower's output for `text` as one window, word for word.

    It gets the ids alone, as in the models' own pipelines: they were trained to see the padding.

    Raises:
        ModelError: the model has no text tower.
        SpecError: more tokens than the window holds.
    """
    card = bundle.card
    tower, tokenizer = _text_side(bundle)
    tokens = one_window(tokenizer, text, card.window, f"model {card.ref.id}")
    return tower(input_ids=tokens.input_ids.to(bundle.compute.device))


def one_window(tokenizer: Any, text: str, window: int, reader: str) -> Any:
    """Return the tokens of a text that must fit into one window: ids and mask, (1, window).

    Args:
        tokenizer: of the reader.
        text: word for word.
        window: tokens that are read, with those that begin and end it.
        reader: who reads it, for messages.

    Raises:
        SpecError: more tokens than the window holds.
    """
    tokens = tokenizer(
        text,
        return_tensors="pt",
        padding="max_length",
        max_length=window,
        truncation=False,
        verbose=False,  # we say it ourselves
    )
    count = tokens.input_ids.shape[1]
    if count > window:
        own = f"prompt {shortened(text)!r} has {count - 2} tokens"
        raise SpecError(f"{own}, {reader} reads at most {window - 2}", "prompt", "shorten it")
    return tokens


def window_states(bundle: Bundle, text: str) -> Tensor:
    """Return the hidden states (windows * window, d) fp32 on the CPU of a prompt of any length.

    Each window is read for itself: BOS, its tokens, EOS and padding, as one short prompt is.

    Raises:
        ModelError: the model has no text tower.
        SpecError: more than 8 windows, or a weight outside [0, 4].
    """
    tower, tokenizer = _text_side(bundle)

    def tokens(words: str) -> list[int]:
        found = tokenizer(words, add_special_tokens=False, truncation=False, verbose=False)
        ids: list[int] = found.input_ids
        return ids

    comma, room = tokenizer.convert_tokens_to_ids(COMMA), bundle.card.window - 2
    return torch.cat(
        [_states(bundle, tower, tokenizer, each) for each in windows(text, tokens, comma, room)]
    )


def emphasise(states: Tensor, weights: Tensor) -> Tensor:
    """Return a window's hidden states times their tokens' weights, at the mean they had.

    A mean that is nothing but rounding is left as it comes.

    Args:
        states: (window, d) fp32.
        weights: (window,) fp32.

    Source: AUTOMATIC1111's web UI, `modules/sd_emphasis.py`, "Original".
    """
    weighted = states * weights[:, None]
    mean = weighted.mean()
    if mean.abs() <= _ROUNDING * states.abs().mean():
        return weighted
    return weighted * (states.mean() / mean)


def _states(bundle: Bundle, tower: Any, tokenizer: Any, window: Window) -> Tensor:
    padding = bundle.card.window - 2 - len(window.tokens)
    ids = [tokenizer.bos_token_id, *window.tokens, tokenizer.eos_token_id]
    ids += [tokenizer.pad_token_id] * padding
    output = tower(input_ids=torch.tensor([ids], device=bundle.compute.device))
    states: Tensor = output.last_hidden_state[0].float().cpu()
    if all(weight == 1 for weight in window.weights):
        return states
    return emphasise(states, torch.tensor([1.0, *window.weights, *[1.0] * (1 + padding)]))


def _text_side(bundle: Bundle) -> tuple[Any, Any]:
    tower, tokenizer = bundle.text_side()
    if tower is None or tokenizer is None:
        raise no_text_tower(bundle.card)
    return tower, tokenizer
