"""Inpainting: which part of a picture is painted anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imvar_studio.model import checks
from imvar_studio.model.source import Asset, Source

DEFAULT_FEATHER, WIDEST_FEATHER = 8.0, 256.0


@dataclass(frozen=True, slots=True)
class Inpaint:
    """A picture and the part of it that is painted anew; the rest comes back to the bit.

    Args:
        source: the picture.
        mask: an asset of the picture's size in pixels, read as luma: what is brighter than 0.5
            is painted. It is framed as the picture is, beyond its edge nothing is painted.
        feather: pixels of the finished picture, in [0, 256], over which the new part fades in,
            measured from the border into it.
    """

    source: Source
    mask: Source
    feather: float = DEFAULT_FEATHER

    def __post_init__(self) -> None:
        checks.put(self, feather=checks.number(self.feather, "feather", 0, WIDEST_FEATHER))
        if isinstance(self.source, Asset) and isinstance(self.mask, Asset):
            checks.put(self, mask=replace(self.mask, framing=self.source.framing))
