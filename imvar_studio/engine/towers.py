"""Embeddings: pictures and prompts through the model's towers, kept by digest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from imvar_studio.engine.conditioning import repeat_to_common
from imvar_studio.engine.framing import for_tower, frame, load_framed
from imvar_studio.engine.priors import prior_of
from imvar_studio.engine.tokens import run_text_tower
from imvar_studio.model.errors import ModelError
from imvar_studio.model.source import Framing, Rect, Size

if TYPE_CHECKING:
    from torch import Tensor

    from imvar_studio.engine.bundle import Bundle
    from imvar_studio.engine.protocols import PictureLoader
    from imvar_studio.engine.tensor_cache import TensorCache
    from imvar_studio.model.look import Picture, Prior, Prompt


class Towers:
    """E_img and E_txt of a bundle: (1, d) fp32 on the CPU.

    Args:
        bundle: the model.
        load: gives assets' pixels.
        cache: keeps embeddings.
    """

    pads = False

    def __init__(self, bundle: Bundle, load: PictureLoader, cache: TensorCache) -> None:
        self._bundle = bundle
        self._load = load
        self._cache = cache

    def picture(self, look: Picture, size: Size) -> Tensor:
        """Return E_img of the picture as it is framed for `size`."""
        return self._cache.get(
            "picture",
            (look, size),
            lambda: embed_pixels(
                self._bundle, load_framed(look.source, size, self._load), look.resize
            ),
        )

    def prompt(self, look: Prompt) -> Tensor:
        """Return E_txt of the prompt, at pictures' length where it says so."""
        return self._cache.get("prompt", look, lambda: self._embed_text(look))

    def prior(self, look: Prior) -> Tensor:
        """Return the embedding that a prior makes of a text."""

        def embed() -> Tensor:
            return prior_of(self._bundle, look).embed(look)

        # of weights that are not named, another time others may be there
        return self._cache.get("prior", look, embed) if look.weights else embed()

    def nothing(self) -> Tensor:
        """Return the unconditional condition: zeros."""
        return torch.zeros(1, self._bundle.card.width)

    def meet(self, *conditions: Tensor) -> list[Tensor]:
        """Return conditions repeated to the least common multiple of their counts."""
        return repeat_to_common(*conditions)

    def _embed_text(self, look: Prompt) -> Tensor:
        card = self._bundle.card
        output = run_text_tower(self._bundle, look.text)
        embedding: Tensor = output.text_embeds.float().cpu()
        if look.match_norm and card.image_norm is not None:
            embedding = embedding * (card.image_norm / embedding.norm())
        return embedding

    def crop(self, source_picture: Tensor, rect: Rect) -> Tensor:
        """Return E_img of a region of `source_picture` (3, h, w)."""
        _, height, width = source_picture.shape
        top, left = round(rect.top * height), round(rect.left * width)
        cut_h, cut_w = max(round(rect.height * height), 1), max(round(rect.width * width), 1)
        cut = source_picture[:, top : top + cut_h, left : left + cut_w]
        return embed_pixels(self._bundle, frame(cut, Size(width, height), Framing()))


def embed_pixels(bundle: Bundle, picture: Tensor, resize: str = "trained") -> Tensor:
    """Return E_img, (1, d) fp32, of `picture` (3, h, w) fp32 in [0, 1].

    Args:
        bundle: with the image tower.
        picture: the pixels.
        resize: as in `Picture`.

    Raises:
        ModelError: the model has no image tower.
    """
    card, tower = bundle.card, bundle.image_tower
    if tower is None or card.preprocessing is None:
        raise ModelError(f"model {card.ref.id} has no image tower", "use prompts with it")
    how = card.preprocessing
    if resize != "trained":
        how = replace(how, antialias=resize == "antialiased")
    pixels = for_tower(picture, how).to(bundle.compute.device)
    embedding: Tensor = tower(pixel_values=pixels).image_embeds.float().cpu()
    return embedding
