"""The theme: one scheme of tokens at a time, put on the application."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QDir, QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from imvar_studio.ui.theme import fonts
from imvar_studio.ui.theme.style_sheet import MARKS, style_sheet
from imvar_studio.ui.theme.tokens import DARK, LIGHT, Tokens

Scheme = Literal["dark", "light", "system"]
SCHEMES: tuple[Scheme, ...] = ("dark", "light", "system")

_NAME = "imvar-theme"
_MARKS = "imvarmarks"  # the search path of the style sheet's tinted icons


class Theme(QObject):
    """The colours of the window as they stand; kept by the application.

    Attributes:
        changed: after the tokens became others and the application has them.
    """

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName(_NAME)
        self._app = app
        self._scheme: Scheme = "dark"
        self._tokens = DARK
        self._colors: dict[str, QColor] = {}
        self._marks = QTemporaryDir()
        QDir.setSearchPaths(_MARKS, [self._marks.path()])
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)

    @property
    def tokens(self) -> Tokens:
        """The colours of the scheme in use."""
        return self._tokens

    @property
    def scheme(self) -> Scheme:
        """What was asked for: "dark", "light" or "system"."""
        return self._scheme

    @property
    def is_dark(self) -> bool:
        """Whether the colours in use are the dark ones."""
        return self._tokens is DARK

    def color(self, name: str) -> QColor:
        """Return the colour of a token, as a copy.

        Raises:
            AttributeError: for a name that is no token.
        """
        if name not in self._colors:
            self._colors[name] = QColor(getattr(self._tokens, name))
        return QColor(self._colors[name])

    def set_scheme(self, scheme: Scheme) -> None:
        """Use other colours, at once and everywhere.

        Args:
            scheme: "system" follows the desktop, also when it changes later; dark where the
                desktop does not say.

        Raises:
            ValueError: for another word.
        """
        if scheme not in SCHEMES:
            raise ValueError(f"scheme must be one of {', '.join(SCHEMES)}, got {scheme!r}")
        self._scheme = scheme
        self._use(self._wanted())

    def apply(self) -> None:
        """Put the colours on the application: palette and style sheet."""
        from imvar_studio.ui.theme.icons import svg_text

        for name, token in MARKS:
            file = Path(self._marks.path()) / mark_file(name, getattr(self._tokens, token))
            if not file.exists():
                file.write_text(svg_text(name, self.color(token)), encoding="utf-8")
        self._app.setPalette(_palette(self))
        self._app.setStyleSheet(style_sheet(self._tokens, self._mark_url))

    def _mark_url(self, name: str, token: str) -> str:
        return f"{_MARKS}:{mark_file(name, getattr(self._tokens, token))}"

    def _wanted(self) -> Tokens:
        if self._scheme == "system":
            light = self._app.styleHints().colorScheme() == Qt.ColorScheme.Light
            return LIGHT if light else DARK
        return LIGHT if self._scheme == "light" else DARK

    def _on_system_changed(self) -> None:
        if self._scheme == "system":
            self._use(self._wanted())

    def _use(self, tokens: Tokens) -> None:
        if tokens is self._tokens:
            return
        self._tokens = tokens
        self._colors.clear()
        self.apply()
        self.changed.emit()


def mark_file(name: str, colour: str) -> str:
    """Return the file name of a tinted icon: another colour is another file, for Qt's cache."""
    return f"{name}-{colour.removeprefix('#')}.svg"


def install_theme(app: QApplication, scheme: Scheme = "system") -> Theme:
    """Give the application its style, fonts and colours.

    Args:
        app: the application; it keeps the theme. One that has a theme keeps that.
        scheme: as in `Theme.set_scheme`.

    Returns:
        The theme, which `current_theme` finds from now on.
    """
    theme = _kept(app)
    if theme is None:
        theme = Theme(app)
        app.setStyle("Fusion")
        fonts.load_fonts()
        app.setFont(fonts.body_font())
        theme.set_scheme(scheme)
        theme.apply()
    else:
        theme.set_scheme(scheme)
    return theme


def current_theme() -> Theme:
    """Return the theme of the application; one that follows the desktop where it had none.

    Raises:
        RuntimeError: if there is no application.
    """
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("a theme needs a QApplication")  # noqa: TRY004  (absent, not mistyped)
    return _kept(app) or install_theme(app)


def _kept(app: QApplication) -> Theme | None:
    found = app.findChild(QObject, _NAME, Qt.FindChildOption.FindDirectChildrenOnly)
    return found if isinstance(found, Theme) else None


def _palette(theme: Theme) -> QPalette:
    """Return the palette: what Fusion paints without the style sheet, and Qt's own dialogs."""
    role, palette = QPalette.ColorRole, QPalette()
    for token, roles in (
        ("panel", (role.Window, role.AlternateBase)),
        ("field", (role.Base,)),
        ("raised", (role.Button, role.ToolTipBase, role.Light)),
        ("hover", (role.Midlight,)),
        ("line", (role.Mid, role.Dark)),
        ("stage", (role.Shadow,)),
        ("text", (role.WindowText, role.Text, role.ButtonText, role.BrightText, role.ToolTipText)),
        ("text", (role.HighlightedText,)),
        ("selection", (role.Highlight,)),
        ("text3", (role.PlaceholderText,)),
        ("accent", (role.Link, role.LinkVisited, role.Accent)),
    ):
        for each in roles:
            palette.setColor(each, theme.color(token))
    off = QPalette.ColorGroup.Disabled
    for each in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(off, each, theme.color("disabled"))
    palette.setColor(off, role.Highlight, theme.color("line"))
    return palette
