"""Where a picture lies in a pad, and the point of it that is kept in view."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture in a pad, in px of the pad.

    Args:
        left, top, width, height: of the picture; the sizes are greater than 0.
    """

    left: float
    top: float
    width: float
    height: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point is that is given in fractions of the picture."""
        return self.left + x * self.width, self.top + y * self.height

    def fraction(self, px: float, py: float) -> tuple[float, float]:
        """Return a point in fractions of the picture, at most to its edges, to a thousandth."""
        return _share(px - self.left, self.width), _share(py - self.top, self.height)


def fitted(pad: tuple[float, float], picture: tuple[float, float]) -> Placed:
    """Return where a picture lies that is shown whole in the middle of a pad.

    Args:
        pad, picture: widths and heights, greater than 0.
    """
    scale = min(pad[0] / picture[0], pad[1] / picture[1])
    width, height = picture[0] * scale, picture[1] * scale
    return Placed((pad[0] - width) / 2, (pad[1] - height) / 2, width, height)


def nudged(focus: tuple[float, float], across: float, down: float) -> tuple[float, float]:
    """Return the focus moved by hundredths of the picture, at most to its edges."""
    return _share(focus[0] + across / 100, 1), _share(focus[1] + down / 100, 1)


def kept(
    picture: tuple[float, float],
    frame: tuple[float, float],
    focus: tuple[float, float],
    zoom: float,
) -> tuple[float, float, float, float]:
    """Return the part of a picture that covers a frame: left, top, width, height in fractions.

    Args:
        picture, frame: widths and heights, greater than 0.
        focus: the point kept in view, in fractions of the picture.
        zoom: at least 1; how much closer than just covering.
    """
    scale = max(frame[0] / picture[0], frame[1] / picture[1]) * zoom
    width, height = frame[0] / scale / picture[0], frame[1] / scale / picture[1]
    left = min(max(focus[0] - width / 2, 0.0), 1 - width)
    top = min(max(focus[1] - height / 2, 0.0), 1 - height)
    return left, top, width, height


def _share(part: float, whole: float) -> float:
    return round(min(max(part / whole, 0.0), 1.0), 3)
