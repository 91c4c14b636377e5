"""The text family's embeddings: a text encoder's hidden states, in windows of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from imvar_studio.engine.conditioning import pad_to_common
from imvar_studio.engine.tokens import window_states
from imvar_studio.model.look import Prompt
from imvar_studio.model.model_card import no_picture_look

if TYPE_CHECKING:
    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.tensor_cache import TensorCache
    from imvar_studio.model.look import Picture, Prior
    from imvar_studio.model.source import Rect, Size


class TextStates:
    """Prompts as (77 n, d) hidden states, n windows, fp32 on the CPU; pictures are refused.

    Args:
        bundle: the model.
        cache: keeps hidden states.
    """

    pads = True

    def __init__(self, bundle: Bundle, cache: TensorCache) -> None:
        self._bundle = bundle
        self._cache = cache

    def prompt(self, look: Prompt) -> Tensor:
        """Return the last hidden states of the prompt, each window of it padded."""
        return self._cache.get("states", look, lambda: window_states(self._bundle, look.text))

    def nothing(self) -> Tensor:
        """Return the hidden states of the empty prompt."""
        return self.prompt(Prompt(""))

    def meet(self, *conditions: Tensor) -> list[Tensor]:
        """Return conditions padded with windows of the empty prompt to the longest's count."""
        return pad_to_common(self.nothing(), *conditions)

    def picture(self, look: Picture, size: Size) -> Tensor:
        """Refuse: the family has no image tower."""
        del look, size
        self._refuse()

    def prior(self, look: Prior) -> Tensor:
        """Refuse: a prior makes embeddings of pictures."""
        del look
        self._refuse()

    def crop(self, source_picture: Tensor, rect: Rect) -> Tensor:
        """Refuse: the family has no image tower."""
        del source_picture, rect
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise no_picture_look(self._bundle.card)
