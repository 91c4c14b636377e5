"""Every colour and size of the window, and which colours may lie on which.

Greys are neutral (equal red, green and blue), so that colours of pictures are judged rightly.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

BODY_SIZE = 13  # px, on lines of `BODY_LINE`
BODY_LINE = 18
HINT_SIZE = 12  # px; nothing is smaller
PADDING = 12  # px, inside panels
SPACING = 8  # px, between neighbours
ROW_HEIGHT = 32  # px
FIELD_HEIGHT = 28  # px, of fields and buttons
RADIUS = 6  # px
THUMB_RADIUS = 4  # px, of thumbnails
ICON_SIZE = 16  # px
TOP_BAR_HEIGHT = 44  # px
STATUS_BAR_HEIGHT = 28  # px
LEFT_DOCK_WIDTH = 228  # px
RIGHT_DOCK_WIDTH = 300  # px
LABEL_COLUMN = 96  # px, the column of labels left of values
NUMBER_WIDTH = 64  # px, the column of numbers
FOCUS_WIDTH = 2  # px, of the ring around what the keyboard reaches

TEXT_RATIO = 4.5  # WCAG 2.2, 1.4.3
MARK_RATIO = 3.0  # WCAG 2.2, 1.4.11


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme, each as "#rrggbb".

    Attributes:
        stage: around the picture; only `text` and `text2` lie on it.
        bg: window and status bar.
        panel: docks and bars.
        raised: secondary buttons, the current tab, menus.
        field: inputs.
        line: hairlines, slider grooves, frames that are not rendered.
        hover: under the pointer.
        pressed: under the pointer while it is held; a step beyond `hover`.
        selection: behind selected text and rows; accent toned down so that text is read on it.
        text: content.
        text2: labels.
        text3: hints; not on `raised` or `hover`, where it would be too faint.
        disabled: words and icons that do nothing now; fainter than hints, which are to be read.
        accent: active, selected, primary.
        accent_hover: `accent` under the pointer.
        accent_pressed: `accent` while it is pressed.
        on_accent: words and icons on `accent`.
        rendered: frames done.
        stale: frames out of date, hatched.
        failed: failures.
        graph: curves drawn over pictures; white in both schemes, with an edge of `graph_edge`.
        graph_edge: the dark edge that parts `graph` from a light picture.
    """

    stage: str
    bg: str
    panel: str
    raised: str
    field: str
    line: str
    hover: str
    pressed: str
    selection: str
    text: str
    text2: str
    text3: str
    disabled: str
    accent: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    rendered: str
    stale: str
    failed: str
    graph: str = "#ffffff"
    graph_edge: str = "#161616"


DARK = Tokens(
    stage="#161616",
    bg="#1e1e1e",
    panel="#252525",
    raised="#303030",
    field="#191919",
    line="#3a3a3a",
    hover="#383838",
    pressed="#444444",
    selection="#1d5249",
    text="#ececec",
    text2="#b0b0b0",
    text3="#959595",
    disabled="#7e7e7e",
    accent="#37c3ae",
    accent_hover="#4fd3bf",
    accent_pressed="#2fae9b",
    on_accent="#06211d",
    rendered="#329c8c",
    stale="#e0a93b",
    failed="#f26666",
)

LIGHT = Tokens(
    stage="#c9c9c9",
    bg="#e9e9e9",
    panel="#f4f4f4",
    raised="#ffffff",
    field="#ffffff",
    line="#cfcfcf",
    hover="#e2e2e2",
    pressed="#d2d2d2",
    selection="#b4dcd6",
    text="#1b1b1b",
    text2="#4d4d4d",
    text3="#646464",
    disabled="#7f7f7f",
    accent="#087165",
    accent_hover="#0a7f72",
    accent_pressed="#065a50",
    on_accent="#ffffff",
    rendered="#2a8a7c",
    stale="#8f5a00",
    failed="#b82626",
)

TOKEN_NAMES = tuple(field.name for field in fields(Tokens))


def _on(grounds: str, marks: str, ratio: float) -> tuple[tuple[str, str, float], ...]:
    return tuple((mark, ground, ratio) for mark in marks.split() for ground in grounds.split())


# every (foreground, background, least ratio) in use
PAIRS: tuple[tuple[str, str, float], ...] = (
    *_on("stage bg panel raised field hover pressed selection", "text", TEXT_RATIO),
    *_on("stage bg panel raised field hover", "text2", TEXT_RATIO),
    *_on("bg panel field", "text3", TEXT_RATIO),
    *_on("accent accent_hover accent_pressed", "on_accent", TEXT_RATIO),
    *_on("bg panel hover", "accent", TEXT_RATIO),
    *_on("bg panel field", "stale failed", TEXT_RATIO),
    *_on("stage raised field", "accent", MARK_RATIO),
    *_on("raised hover", "stale failed", MARK_RATIO),
    *_on("bg panel", "rendered", MARK_RATIO),
    *_on("bg panel raised field", "disabled", MARK_RATIO),
    *_on("graph_edge", "graph", MARK_RATIO),
)


def luminance(colour: str) -> float:
    """Return the relative luminance, in [0, 1], of "#rrggbb".

    Source: WCAG 2.2, relative luminance.
    """
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    """Return the contrast of two colours "#rrggbb", from 1 (equal) to 21 (black and white).

    Source: WCAG 2.2, contrast ratio.
    """
    darker, lighter = sorted((luminance(a), luminance(b)))
    return (lighter + 0.05) / (darker + 0.05)
