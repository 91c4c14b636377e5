"""What the canvas paints: a picture and where in the film's frame it lies, or words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from imvar_studio.ui.stage.framed import Box, framed

if TYPE_CHECKING:
    from imvar_studio.model.source import Framing

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Content:
    """Something to look at.

    Args:
        size: (width, height) in picture pixels: what 100% means.
        image: the pixels, of any resolution; None for words.
        words: in place of an image.
        part: of the image that is seen, as fractions of it.
        place: of the frame that it fills, as fractions of that.
        ground: behind the image where it does not fill the frame, "#rrggbb", "" for none.
    """

    size: tuple[int, int]
    image: QImage | None = None
    words: str = ""
    part: Box = WHOLE
    place: Box = WHOLE
    ground: str = ""


def source_content(image: QImage, size: tuple[int, int], framing: Framing) -> Content:
    """Return a source picture as the film frames it.

    Args:
        image: the whole picture, of any resolution.
        size: of the film.
        framing: of the picture in the film.
    """
    width, height = image.width(), image.height()
    seen, filled = framed((width, height), size, framing)
    part = seen[0] / width, seen[1] / height, seen[2] / width, seen[3] / height
    place = (
        filled[0] / size[0],
        filled[1] / size[1],
        filled[2] / size[0],
        filled[3] / size[1],
    )
    ground = framing.background if framing.mode == "fit" else ""
    return Content(size, image, part=part, place=place, ground=ground)
