"""What is known of a prior from its files alone, before it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imvar_studio.model.errors import ModelError

if TYPE_CHECKING:
    from imvar_studio.model.look import Prior
    from imvar_studio.model.model_card import ModelCard


@dataclass(frozen=True, slots=True)
class PriorCard:
    """A prior that was recognised: it leads texts to the embeddings of pictures.

    Args:
        id: names it in looks.
        weights: digest of all that decides its embeddings.
        path: folder in diffusers layout.
        width: d, of the embeddings.
        window: tokens that its text tower takes.
        scheduler: folder of its schedule, relative to `path`.
        name, licence: for people; "" where the files say nothing.
        weights_bytes: of the files that are loaded.
    """

    id: str
    weights: str
    path: str
    width: int
    window: int
    scheduler: str = "scheduler"
    name: str = ""
    licence: str = ""
    weights_bytes: int = 0


def no_prior(prior: str) -> ModelError:
    """Return what is said of a prior that is not there."""
    return ModelError(f"prior {prior!r} is not installed", "use a prompt instead")


def check_prior(look: Prior, card: PriorCard, model: ModelCard) -> None:
    """Refuse a look whose prior is no more what it was, or does not go with a model.

    Args:
        look: what a prior makes.
        card: of the prior that is there.
        model: that is to take the embedding; no one that takes prompts only.

    Raises:
        ModelError: for another width, or other weights.
    """
    if look.weights not in ("", card.weights):
        raise ModelError(
            f"prior {card.id} has other weights than when the look was made",
            "put the old weights back, or make it anew",
        )
    if card.width != model.width:
        raise ModelError(
            f"prior {card.id} makes embeddings of {card.width} numbers, "
            f"model {model.ref.id} takes {model.width}",
            "use a prior that was made for this model's image tower",
        )
