"""Getting a task's model ready, so that it can be stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.model.errors import ModelError
from imvar_studio.store.models import resolve

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.model.model_card import ModelCard
    from imvar_studio.model.recipe import ModelRef


def find_model(model: str, wanted: ModelRef) -> ModelCard:
    """Return the card of a task's model, by the name the task's recipes have for it.

    Where a text tower that is not the model's own is another than the task was made for, the
    card is without one: pictures need none, and prompts are refused with what to do.

    Raises:
        ModelError: if it is not there, or its weights are others than the task was made for.
    """
    card = resolve(model)
    if card.ref.weights != wanted.weights:
        raise ModelError(
            f"model {card.ref.id} has other weights than when the job was made",
            "put the old weights back, or make the job anew",
        )
    if card.ref.text != wanted.text:
        remedy = card.text_remedy  # where it is gone
        if card.companion:
            other = "the other one that is there" if wanted.text else "the one that is there"
            remedy = f"make the job anew, with {other}"
        card = replace(card, companion="", tokenizer_path="", window=0, text_remedy=remedy)
    # the id is only a name, the weights are what decides
    return card if card.ref == wanted else replace(card, ref=wanted)


def stoppable(renderer: Renderer, ctx: JobContext) -> AbstractContextManager[None]:
    """Return a context in which the model asks, within each of its calls, whether to go on."""
    from imvar_studio.engine.interruptible import interruptible  # slow: torch

    return interruptible(renderer.bundle, ctx.check)
