"""What the window remembers from run to run: where it was, its colours, folders that were used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings

from imvar_studio.store.places import user_data_folder
from imvar_studio.ui.theme.theme import SCHEMES, Scheme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def window_memory() -> QSettings:
    """Return the file that keeps how the window was, by keys such as `window/geometry`."""
    return QSettings(str(user_data_folder() / "window.ini"), QSettings.Format.IniFormat)


def save_window(window: QWidget) -> None:
    """Remember where the window was."""
    window_memory().setValue("window/geometry", window.saveGeometry())


def restore_window(window: QWidget) -> bool:
    """Put the window where it was; tells whether that was known."""
    kept = window_memory().value("window/geometry")
    return isinstance(kept, QByteArray) and window.restoreGeometry(kept)


def last_folder(purpose: str) -> Path | None:
    """Return the folder that was last used for a purpose, if it is still there."""
    kept = window_memory().value(f"folder/{purpose}")
    path = Path(kept) if isinstance(kept, str) and kept else None
    return path if path is not None and path.is_dir() else None


def remember_folder(purpose: str, folder: Path) -> None:
    """Remember the folder that was used for a purpose."""
    window_memory().setValue(f"folder/{purpose}", str(folder))


def remember_scheme(scheme: Scheme) -> None:
    """Remember which colours the window has."""
    window_memory().setValue("window/scheme", scheme)


def remembered_scheme() -> Scheme:
    """Return the colours the window had; dark where that is not known."""
    kept = window_memory().value("window/scheme")
    return next((each for each in SCHEMES if each == kept), "dark")
