"""What a keyframe shows of itself: a picture, or its first words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from imvar_studio.model.contents import parts
from imvar_studio.model.look import Edit, Prior, Prompt
from imvar_studio.model.source import Asset

if TYPE_CHECKING:
    from imvar_studio.model.look import Weighted
    from imvar_studio.model.timeline import Keyframe

WORDS = 4  # that fit on a card


@dataclass(frozen=True, slots=True)
class Card:
    """A keyframe in short.

    Args:
        asset: the SHA-256 of the picture it shows, "" where it shows words.
        text: all its words.
    """

    asset: str = ""
    text: str = ""

    @property
    def words(self) -> str:
        """The first words, as many as fit on a card."""
        found = self.text.split()
        return " ".join(found[:WORDS]) + ("\N{HORIZONTAL ELLIPSIS}" if len(found) > WORDS else "")


def card_of(key: Keyframe) -> Card:
    """Return what a keyframe shows."""
    return _card(key.looks)


@lru_cache(maxsize=4096)  # looks are asked for at every paint
def _card(looks: tuple[Weighted, ...]) -> Card:
    texts: list[str] = []
    for part in parts(looks):
        if isinstance(part, Asset):
            return Card(part.sha)
        if isinstance(part, Prompt | Prior):
            texts.append(part.text)
        elif isinstance(part, Edit):
            texts.append(part.target)
    return Card("", " + ".join(text for text in texts if text.strip()))
