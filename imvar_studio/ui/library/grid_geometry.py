"""The shape of the picture grid: as many columns as fit, square thumbnails, names beneath."""

from __future__ import annotations

from dataclasses import dataclass

GAP = 8  # px between thumbnails
NAME_GAP = 3  # px between a thumbnail and its name
NAME_HEIGHT = 16  # px
SMALLEST = 88  # px, side of a thumbnail where there are several columns


@dataclass(frozen=True, slots=True)
class Cell:
    """The place of one picture: its thumbnail in the middle, half a gap around it.

    Args:
        width, height: px, of the whole cell.
        columns: how many lie side by side.
    """

    width: int
    height: int
    columns: int

    @property
    def side(self) -> int:
        """The side of the thumbnail in px."""
        return self.width - GAP


def cell_for(width: int) -> Cell:
    """Return the cells of a grid `width` px wide."""
    columns = max(width // (SMALLEST + GAP), 1)
    across = max(width // columns, GAP + 16)
    return Cell(across, across - GAP + NAME_GAP + NAME_HEIGHT, columns)


def thumbnail_pixels(side: int, scale: float) -> int:
    """Return the side of the square that a picture is fitted into, in device pixels.

    Half as long again as the thumbnail: a picture of 3 : 2 then fills it sharply.

    Args:
        side: px of the thumbnail.
        scale: device pixels per px.
    """
    return round(side * scale * 1.5)
