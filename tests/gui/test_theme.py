"""The theme on an application: colours, type, icons."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QIcon, QImage, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

import imvar_studio
from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.icons import icon, icon_names, svg_text, tinted_pixmap
from imvar_studio.ui.theme.style_sheet import MARKS, style_sheet
from imvar_studio.ui.theme.theme import Theme, current_theme, install_theme
from imvar_studio.ui.theme.tokens import DARK, LIGHT, TOKEN_NAMES

# what Qt's offscreen platform says of every window
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

UI = Path(imvar_studio.__file__).parent / "ui"


@pytest.fixture
def theme(qapp):
    theme = install_theme(qapp, "dark")
    yield theme
    theme.set_scheme("dark")


def strongest(image: QImage) -> str:
    """The colour of the most opaque pixel."""
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return max(pixels, key=lambda pixel: pixel.alpha()).name()


def test_one_theme_is_kept_by_the_application(qapp: QApplication, theme: Theme) -> None:
    assert install_theme(qapp, "dark") is theme
    assert current_theme() is theme


def test_another_scheme_reaches_palette_and_widgets(qtbot, theme: Theme) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.resize(120, 28)
    field.show()
    assert field.grab().toImage().pixelColor(60, 14).name() == DARK.field
    with qtbot.waitSignal(theme.changed):
        theme.set_scheme("light")
    assert theme.tokens is LIGHT
    assert not theme.is_dark
    assert field.grab().toImage().pixelColor(60, 14).name() == LIGHT.field
    assert QApplication.palette().color(QPalette.ColorRole.Window).name() == LIGHT.panel


def test_the_same_scheme_tells_nothing(qtbot, theme: Theme) -> None:
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_scheme("dark")


def test_an_unknown_scheme_is_refused(theme: Theme) -> None:
    with pytest.raises(ValueError, match="scheme"):
        theme.set_scheme("blue")  # type: ignore[arg-type]


def test_system_follows_the_desktop_while_it_runs(qapp, qtbot, theme: Theme, monkeypatch) -> None:
    class Hints:
        scheme = Qt.ColorScheme.Unknown

        def colorScheme(self) -> Qt.ColorScheme:  # noqa: N802  (Qt's name)
            return self.scheme

    hints = Hints()
    desktop = qapp.styleHints()
    monkeypatch.setattr(QApplication, "styleHints", lambda _app: hints)
    theme.set_scheme("system")
    assert (theme.scheme, theme.is_dark) == ("system", True)
    hints.scheme = Qt.ColorScheme.Light
    with qtbot.waitSignal(theme.changed):
        desktop.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert theme.tokens is LIGHT
    theme.set_scheme("dark")
    with qtbot.assertNotEmitted(theme.changed):
        desktop.colorSchemeChanged.emit(Qt.ColorScheme.Light)


def test_colours_are_copies(theme: Theme) -> None:
    theme.color("text").setRed(0)
    assert theme.color("text") == QColor(DARK.text)
    with pytest.raises(AttributeError):
        theme.color("mauve")


def test_a_primary_button_is_filled_with_the_accent(qtbot, theme: Theme) -> None:
    button = QPushButton("Export")
    button.setProperty("kind", "primary")
    qtbot.addWidget(button)
    button.resize(100, 28)
    assert button.grab().toImage().pixelColor(8, 14).name() == DARK.accent


def test_the_ring_is_seen_on_what_has_the_focus(qtbot, theme: Theme) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    field = QLineEdit(window)
    field.resize(120, 28)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    image = field.grab().toImage()
    assert [image.pixelColor(60, y).name() for y in range(3)] == [
        DARK.accent,
        DARK.accent,
        DARK.field,
    ]


def test_the_sheet_has_no_colour_of_its_own() -> None:
    sheet = style_sheet(DARK, lambda name, token: f"{name}-{token}")
    known = {getattr(DARK, name) for name in TOKEN_NAMES}
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet)) <= known
    for file in UI.rglob("*.py"):
        if file.name != "tokens.py":
            assert not re.search(r"""["']#[0-9a-fA-F]{6}["']""", file.read_text()), file


@pytest.mark.parametrize("weight", [400, 500, 600])
def test_inter_is_used_in_its_weights(theme: Theme, weight: int) -> None:
    font = fonts.body_font()
    font.setWeight(type(font.weight())(weight))
    info = QFontInfo(font)
    assert (info.family(), info.weight(), info.pixelSize()) == ("Inter", weight, 13)


def test_tabular_digits_are_equally_wide(theme: Theme) -> None:
    plain, tabular = (
        QFontMetricsF(f) for f in (fonts.body_font(), fonts.tabular(fonts.body_font()))
    )
    assert plain.horizontalAdvance("1111") < plain.horizontalAdvance("0000") - 4
    widths = {tabular.horizontalAdvance(digit * 4) for digit in "0123456789"}
    assert len(widths) == 1


def test_every_icon_named_in_the_window_exists() -> None:
    for name, _ in MARKS:
        assert name in icon_names()
    for file in UI.rglob("*.py"):
        calls = re.findall(
            r"\b(?:icon|IconButton|tinted_pixmap)\(\s*\"([^\"]+)\"", file.read_text()
        )
        assert set(calls) <= icon_names(), file


def test_an_unknown_icon_or_colour_fails_at_once() -> None:
    with pytest.raises(KeyError):
        icon("no-such-icon")
    with pytest.raises(KeyError):
        icon("play", "no-such-colour")


def test_every_icon_draws_something(theme: Theme) -> None:
    for name in icon_names():
        large = tinted_pixmap(name, theme.color("text"), scale=4)
        drawn = QColor(strongest(large.toImage()))
        # half-transparent edges are rounded
        assert abs(drawn.red() - theme.color("text").red()) <= 2, name
        assert 'stroke-width="1.75"' in svg_text(name, theme.color("text"))


def test_an_icon_follows_theme_and_state(theme: Theme) -> None:
    square = icon("square")
    size, mode, state = QSize(16, 16), QIcon.Mode, QIcon.State

    def colour(mode: QIcon.Mode, state: QIcon.State = state.Off) -> str:
        return strongest(square.pixmap(size, mode, state).toImage())

    assert colour(mode.Normal) == DARK.text
    assert colour(mode.Disabled) == DARK.disabled
    assert colour(mode.Normal, state.On) == DARK.accent
    theme.set_scheme("light")
    assert colour(mode.Normal) == LIGHT.text


def test_an_icon_is_as_fine_as_the_screen(theme: Theme) -> None:
    pixmap = icon("play").pixmap(QSize(16, 16), 2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (32, 2.0)
