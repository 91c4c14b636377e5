"""Where the parts of a row of the queue lie, in pixels of the row."""

from __future__ import annotations

from dataclasses import dataclass

HEIGHT = 64  # of a row without a failure
THUMB = 44
BUTTON = 24
INSET = 12
TEXT_LEFT = INSET + THUMB + 12
AGAIN_HEIGHT = 28
_TITLE_TOP, _LINE = 8, 18
_STATE_TOP = 29
_GAP = 4


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: its left top corner, its width and height."""

    x: int
    y: int
    width: int
    height: int

    def contains(self, x: float, y: float) -> bool:
        """Tell whether a point lies in it."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(frozen=True, slots=True)
class RowLayout:
    """The parts of a row.

    Args:
        width: of the row.
        buttons: at its right.
        left_width: of the time left, at the right of the state.
        message, remedy: heights of the wrapped sentences of a failure, 0 for none.
        again: width of the button "Try again" below them, 0 for none.
    """

    width: int
    buttons: int = 0
    left_width: int = 0
    message: int = 0
    remedy: int = 0
    again: int = 0

    @property
    def height(self) -> int:
        """Of the whole row."""
        if not self.message:
            return HEIGHT
        below = _GAP * 2 + AGAIN_HEIGHT if self.again else 0
        return max(_STATE_TOP + self.message + self.remedy + below + 10, HEIGHT)

    @property
    def thumb(self) -> Box:
        """The picture's square."""
        return Box(INSET, 10, THUMB, THUMB)

    @property
    def title(self) -> Box:
        """The job's name."""
        taken = self.buttons * BUTTON + (_GAP if self.buttons else 0)
        return Box(TEXT_LEFT, _TITLE_TOP, max(self._text_width - taken, 0), _LINE)

    @property
    def state(self) -> Box:
        """Where it stands; for a failure, its sentence, right of the sign."""
        if self.message:
            return Box(TEXT_LEFT, _STATE_TOP, self._text_width, self.message)
        taken = self.left_width + 8 if self.left_width else 0
        return Box(TEXT_LEFT, _STATE_TOP, max(self._text_width - taken, 0), _LINE)

    @property
    def left(self) -> Box:
        """The time left, at the right."""
        x = TEXT_LEFT + max(self._text_width - self.left_width, 0)
        return Box(x, _STATE_TOP, self.left_width, _LINE)

    @property
    def hint(self) -> Box:
        """What to do about a failure."""
        return Box(TEXT_LEFT, _STATE_TOP + self.message, self._text_width, self.remedy)

    @property
    def progress(self) -> Box:
        """The line that shows how far it is."""
        return Box(TEXT_LEFT, 52, self._text_width, 4)

    @property
    def try_again(self) -> Box:
        """The button below a failure."""
        top = _STATE_TOP + self.message + self.remedy + _GAP * 2
        return Box(TEXT_LEFT, top, min(self.again, self._text_width), AGAIN_HEIGHT)

    def button(self, index: int) -> Box:
        """Return the place of a button, counted from the left."""
        right = self.width - INSET + 4
        return Box(right - (self.buttons - index) * BUTTON, 6, BUTTON, BUTTON)

    def button_at(self, x: float, y: float) -> int | None:
        """Return the button at a point; `buttons` is the one below a failure, None is none."""
        for index in range(self.buttons):
            if self.button(index).contains(x, y):
                return index
        if self.again and self.try_again.contains(x, y):
            return self.buttons
        return None

    @property
    def _text_width(self) -> int:
        return max(self.width - TEXT_LEFT - INSET, 0)


def sentence_width(width: int) -> int:
    """Return the pixels that a failure's sentences have in a row of a width."""
    return max(width - TEXT_LEFT - INSET, 1)


def gap_at(tops: list[int], heights: list[int], y: float) -> int:
    """Return the gap between rows nearest to `y`; gap n lies above row n.

    Args:
        tops, heights: of all rows looked at, from the first.
        y: where the pointer is, in the same pixels.
    """
    for row, (top, height) in enumerate(zip(tops, heights, strict=True)):
        if y < top + height / 2:
            return row
    return len(tops)
