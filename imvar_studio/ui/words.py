"""Words of the window that are made where there is no widget."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def say(text: str, **values: object) -> str:
    """Return a text in the user's language, with values put in for its {names}."""
    return QCoreApplication.translate("Window", text).format(**values)
