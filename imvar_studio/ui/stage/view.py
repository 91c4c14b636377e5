"""Where the picture lies on the stage: fitted or zoomed, and moved."""

from __future__ import annotations

from dataclasses import dataclass, replace

Sides = tuple[float, float]  # width, height
Point = tuple[float, float]

LEAST, MOST = 0.05, 32.0
STEPS = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0)
MARGIN = 24.0  # px around a fitted picture, above and beside it
BAR = 48.0  # px that the words and buttons above need
_CORNERS = 288.0  # px that they need at the left and at the right
_NEAREST_FROM = 2.0  # device pixels a picture pixel


@dataclass(frozen=True, slots=True)
class View:
    """How the picture is looked at.

    Args:
        zoom: px on the screen, device-independent, for one picture pixel, in [0.05, 32]; None
            fits the picture.
        centre: the point of the picture in the middle of the stage, as fractions of it.
    """

    zoom: float | None = None
    centre: Point = (0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Room:
    """The room there is for the picture.

    Args:
        width, height: px, device-independent.
        bar: whether there are words above a fitted picture, and air around it.
    """

    width: float
    height: float
    bar: bool = True


def fitted(room: Room, picture: Sides) -> tuple[float, Point]:
    """Return the scale of a picture that fits, and the middle of the place it has.

    Args:
        room: a picture so wide that it would touch the words goes below them.
        picture: pixels, above 0.
    """
    width, height, bar = room.width, room.height, room.bar
    margin = MARGIN if bar else 0.0

    def scale_below(top: float) -> float:
        most = max(width - 2 * margin, 1), max(height - top - margin, 1)
        return min(most[0] / picture[0], most[1] / picture[1])

    top = margin
    scale = scale_below(top)
    if bar and (width - picture[0] * scale) / 2 < _CORNERS:
        top = BAR
        scale = scale_below(top)
    return scale, (width / 2, top + (height - top - margin) / 2)


def place(
    view: View, room: Room, picture: Sides, ratio: float = 1.0
) -> tuple[float, float, float, float]:
    """Return (left, top, width, height) of the picture on the stage, on whole device pixels.

    Args:
        view: fit or zoom.
        room: on the stage.
        picture: pixels, above 0.
        ratio: device pixels a px.
    """
    if view.zoom is None:
        scale, (x, y) = fitted(room, picture)
        width, height = picture[0] * scale, picture[1] * scale
        left, top = x - width / 2, y - height / 2
    else:
        width, height = picture[0] * view.zoom, picture[1] * view.zoom
        left = room.width / 2 - view.centre[0] * width
        top = room.height / 2 - view.centre[1] * height

    def on_pixel(value: float) -> float:
        return round(value * ratio) / ratio

    return on_pixel(left), on_pixel(top), on_pixel(width), on_pixel(height)


def scale_of(view: View, room: Room, picture: Sides) -> float:
    """Return px a picture pixel."""
    return fitted(room, picture)[0] if view.zoom is None else view.zoom


def zoomed(view: View, zoom: float, at: Point, room: Room, picture: Sides) -> View:
    """Return the view at another zoom with the picture's point under `at` staying there.

    Args:
        view: as it is.
        zoom: px a picture pixel; clamped to [0.05, 32].
        at: px on the stage.
        room, picture: as in `place`.
    """
    zoom = min(max(zoom, LEAST), MOST)
    left, top, width, height = place(view, room, picture)
    here = (at[0] - left) / width, (at[1] - top) / height
    centre = (
        here[0] + (room.width / 2 - at[0]) / (picture[0] * zoom),
        here[1] + (room.height / 2 - at[1]) / (picture[1] * zoom),
    )
    return _kept(View(zoom, centre))


def panned(view: View, by: Point, picture: Sides) -> View:
    """Return the view moved by px on the stage; a fitted one stays where it is."""
    if view.zoom is None:
        return view
    x = view.centre[0] - by[0] / (picture[0] * view.zoom)
    y = view.centre[1] - by[1] / (picture[1] * view.zoom)
    return _kept(replace(view, centre=(x, y)))


def next_zoom(scale: float, direction: int) -> float:
    """Return the step of zoom above (direction 1) or below (-1) a scale."""
    if direction > 0:
        return next((step for step in STEPS if step > scale * 1.001), MOST)
    return next((step for step in reversed(STEPS) if step < scale * 0.999), LEAST)


def is_smooth(view: View, device_scale: float) -> bool:
    """Whether the picture is drawn smoothly, and not pixel by pixel.

    Args:
        view: a fitted picture is smooth, unless its pixels fall on the screen's.
        device_scale: device pixels a picture pixel.
    """
    whole = device_scale >= 1 and abs(device_scale - round(device_scale)) < 1e-6
    return not whole and (view.zoom is None or device_scale < _NEAREST_FROM)


def zoom_text(zoom: float) -> str:
    """Return a zoom in per cent."""
    return f"{zoom * 100:.0f}%"


def _kept(view: View) -> View:
    """Return the view with some of the picture in the middle of the stage."""
    x, y = (min(max(value, 0.0), 1.0) for value in view.centre)
    return replace(view, centre=(x, y))
