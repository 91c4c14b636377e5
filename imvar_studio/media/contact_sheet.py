"""Contact sheets: pictures in rows and columns with their labels, as one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


_GROUND, _INK, _QUIET, _WARN = "#ffffff", "#16181c", "#5b6168", "#b3261e"
_GAP = 10  # px between pictures
_MARGIN = 28  # px around the sheet
_LEADING = 1.3  # of a line, in font sizes
_LARGEST = 16_000  # px a side: what viewers and printers still take


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A picture of a sheet.

    Args:
        pixels: (h, w, 3) uint8 sRGB; None leaves the place empty.
        mark: a warning that stands on it, "" for none.
    """

    pixels: NDArray[Any] | None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet.

    Args:
        cells: as many as there are columns.
        label: stands before it.
        given: the picture that it was made from, before the others; None has none.
        note: stands behind it.
    """

    cells: tuple[SheetCell, ...]
    label: str = ""
    given: NDArray[Any] | None = None
    note: str = ""


def contact_sheet(
    title: str,
    caption: str,
    columns: Sequence[str],
    rows: Sequence[SheetRow],
    fonts: tuple[Path, Path],
) -> NDArray[Any]:
    """Return a sheet (h, w, 3) uint8 sRGB, at most 16,000 px a side.

    Pictures stand at their own size, all cells as large as the largest; only a sheet that would
    be too large is made smaller as a whole.

    Args:
        title, caption: above it.
        columns: the columns' labels.
        rows: top to bottom.
        fonts: a regular and a bold TrueType font.
    """
    return _Layout(title, caption, columns, rows, fonts).drawn()


class _Style(NamedTuple):
    font: ImageFont.FreeTypeFont
    ink: str
    line: int  # px from line to line


class _Layout:
    def __init__(
        self,
        title: str,
        caption: str,
        columns: Sequence[str],
        rows: Sequence[SheetRow],
        fonts: tuple[Path, Path],
    ) -> None:
        self.title, self.caption, self.columns, self.rows = title, caption, columns, rows
        shown = [each for row in rows for each in (row.given, *(c.pixels for c in row.cells))]
        sizes = [each.shape for each in shown if each is not None]
        self.high = max((size[0] for size in sizes), default=256)
        self.wide = max((size[1] for size in sizes), default=256)
        # letters grow with the pictures: a sheet is looked at as a whole
        self.text = max(14, round(self.wide / 17))
        regular, bold = fonts
        self.font = ImageFont.truetype(str(regular), self.text)
        self.bold = ImageFont.truetype(str(bold), self.text)
        head = ImageFont.truetype(str(bold), round(self.text * 1.6))
        self.line = round(self.text * _LEADING)
        self.title_style = _Style(head, _INK, round(self.line * 1.6))
        self.label = _Style(self.bold, _INK, self.line)
        self.quiet = _Style(self.font, _QUIET, self.line)
        self.has_given = any(row.given is not None for row in rows)
        self.label_room = self._side_room([row.label for row in rows])
        self.note_room = self._side_room([row.note for row in rows])

    def drawn(self) -> NDArray[Any]:
        """Return the sheet."""
        pictures = len(self.columns) + self.has_given
        inside = self.label_room + pictures * (self.wide + _GAP) - _GAP + self.note_room
        width = inside + 2 * _MARGIN
        titles = wrapped(self.title, self.title_style.font, inside)
        captions = wrapped(self.caption, self.font, inside)
        heads = [wrapped(label, self.bold, self.wide) for label in self.columns]
        if self.has_given:
            heads.insert(0, ["input"])
        head_high = max(map(len, heads)) * self.line
        top = _MARGIN + len(titles) * self.title_style.line + len(captions) * self.line
        first = top + self.line // 2 + head_high + 4
        height = first + len(self.rows) * (self.high + _GAP) - _GAP + _MARGIN
        image = Image.new("RGB", (width, height), _GROUND)
        draw = ImageDraw.Draw(image)
        y = self._lines(draw, titles, (_MARGIN, _MARGIN), self.title_style)
        self._lines(draw, captions, (_MARGIN, y), self.quiet)
        left = _MARGIN + self.label_room
        for n, lines in enumerate(heads):
            style = self.quiet if self.has_given and n == 0 else self.label
            place = left + n * (self.wide + _GAP), first - 4 - len(lines) * self.line
            self._lines(draw, lines, place, style)
        for n, row in enumerate(self.rows):
            self._row(image, draw, row, left, first + n * (self.high + _GAP))
        if max(image.size) > _LARGEST:
            image.thumbnail((_LARGEST, _LARGEST), Image.Resampling.LANCZOS)
        return np.asarray(image)

    def _row(
        self, image: Image.Image, draw: ImageDraw.ImageDraw, row: SheetRow, left: int, y: int
    ) -> None:
        room = self.label_room - _GAP
        self._lines(draw, wrapped(row.label, self.bold, room), (_MARGIN, y), self.label)
        cells = [SheetCell(row.given)] if self.has_given else []
        for n, cell in enumerate([*cells, *row.cells]):
            x = left + n * (self.wide + _GAP)
            if cell.pixels is not None:
                image.paste(Image.fromarray(cell.pixels), (x, y))
            if cell.mark:
                self._mark(draw, cell.mark, x, y)
        x = left + (len(row.cells) + self.has_given) * (self.wide + _GAP)
        self._lines(draw, wrapped(row.note, self.font, self.note_room), (x, y), self.quiet)

    def _mark(self, draw: ImageDraw.ImageDraw, text: str, x: int, y: int) -> None:
        """Write a warning on a picture's lower edge."""
        side = round(self.bold.getlength(text)) + self.text
        box = (x, y + self.high - self.line - 6, x + min(side, self.wide), y + self.high)
        draw.rectangle(box, fill=_WARN)
        draw.text((x + self.text // 2, box[1] + 3), text, font=self.bold, fill=_GROUND)

    def _lines(
        self,
        draw: ImageDraw.ImageDraw,
        lines: Sequence[str],
        place: tuple[int, int],
        style: _Style,
    ) -> int:
        """Write lines below each other from a place (x, y); returns where the next would stand."""
        x, y = place
        for text in lines:
            draw.text((x, y), text, font=style.font, fill=style.ink)
            y += style.line
        return y

    def _side_room(self, texts: Sequence[str]) -> int:
        """Return the px that texts beside rows take, at most those of a picture."""
        if not any(texts):
            return 0
        widest = max(self.bold.getlength(word) for text in texts for word in text.split("\n"))
        return min(round(widest), self.wide) + 2 * _GAP


def wrapped(text: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    """Return the lines of a text in `room` px; a longer word has a line of its own."""
    lines: list[str] = []
    for part in text.split("\n") if text else ():
        line = ""
        for word in part.split(" "):
            longer = f"{line} {word}" if line else word
            if line and font.getlength(longer) > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines
