"""Where pixels come from, and how a picture is framed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from imvar_studio.model import checks
from imvar_studio.model.codec import round_float
from imvar_studio.model.errors import SpecError

FRAMINGS = ("fit", "fill", "crop")
FILTERS = ("bicubic", "lanczos", "nearest")
SMALLEST_SIDE, LARGEST_SIDE = 64, 8192
_SIZE = re.compile(r"(\d{1,9})(?:x(\d{1,9}))?", re.IGNORECASE)
_SHOWN = 40  # characters of what is none, in a message


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels, each in [64, 8192]."""

    width: int
    height: int

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            checks.integer(getattr(self, name), name, SMALLEST_SIDE, LARGEST_SIDE)

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    def padded(self, multiple: int) -> Size:
        """Return the size with both sides rounded up to `multiple`."""
        return Size(*(-(-side // multiple) * multiple for side in (self.width, self.height)))


def parse_size(text: str) -> Size:
    """Return the size of `256` (a square) or `320x240`.

    Raises:
        SpecError: for another form, or a side out of range.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        shown = repr(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")
        raise SpecError(f"size must be like 256 or 320x240, got {shown}", "size")
    width, height = found.groups()
    return Size(int(width), int(height or width))


@dataclass(frozen=True, slots=True)
class Framing:
    """How a picture fills a frame of another shape.

    Args:
        mode: `fit` shows all of it on `background`, `fill` covers the frame and cuts what is
            over, `crop` is `fill` closer by `zoom`.
        focus_x, focus_y: the point kept in view, as fractions of the picture in [0, 1].
        zoom: for `crop`, in [1, 16].
        background: `#rrggbb`, behind `fit` and behind transparent pictures.
    """

    mode: str = "fill"
    focus_x: float = 0.5
    focus_y: float = 0.5
    zoom: float = 1.0
    background: str = "#ffffff"

    def __post_init__(self) -> None:
        checks.choice(self.mode, "framing", FRAMINGS)
        for name in ("focus_x", "focus_y"):
            checks.put(self, **{name: checks.number(getattr(self, name), name, 0, 1)})
        checks.put(self, zoom=checks.number(self.zoom, "framing zoom", 1, 16))
        checks.put(self, background=checks.colour(self.background, "framing background"))


@dataclass(frozen=True, slots=True)
class Asset:
    """A media file of the project, named by its SHA-256, with its framing."""

    sha: str
    framing: Framing = Framing()

    def __post_init__(self) -> None:
        checks.digest(self.sha, "asset")


@dataclass(frozen=True, slots=True)
class Output:
    """The picture that another recipe makes."""

    recipe: str

    def __post_init__(self) -> None:
        checks.digest(self.recipe, "output")


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in fractions of a picture: left, top, width, height, inside [0, 1]."""

    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        for name in ("left", "top"):
            checks.put(self, **{name: checks.number(getattr(self, name), f"region {name}", 0, 1)})
        for name in ("width", "height"):
            side = checks.number(getattr(self, name), f"region {name}", 0, 1, open_low=True)
            checks.put(self, **{name: side})
        # a hair of tolerance: 0.7 + 0.3 is more than 1 in no user's eyes; on what digests see,
        # so that a region stays one when it is rounded
        for near, side in ((self.left, self.width), (self.top, self.height)):
            if round_float(near) + round_float(side) > 1 + 2e-9:
                raise SpecError("region must lie inside the picture", "region")


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of a source, resampled to a size."""

    source: Source
    rect: Rect
    size: Size
    filter: str = "bicubic"

    def __post_init__(self) -> None:
        checks.choice(self.filter, "region filter", FILTERS)


Source = Asset | Output | Region
