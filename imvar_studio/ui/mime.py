"""What is dragged and copied inside the window and between windows: kinds of data by name."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QDropEvent

ASSETS = "application/x-imvar-assets"
KEYFRAMES = "application/x-imvar-keyframes"
_SHA = re.compile(r"[0-9a-f]{64}")


def take_copy(event: QDropEvent) -> None:
    """Accept a drag as a copy: after a move its source would delete what was dragged."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()


def asset_data(shas: Sequence[str]) -> QMimeData:
    """Return assets of the project as what is dragged."""
    data = QMimeData()
    data.setData(ASSETS, json.dumps(list(shas)).encode())
    return data


def assets_in(data: QMimeData) -> tuple[str, ...]:
    """Return the SHA-256 of the assets in dragged data; none where it holds anything else."""
    if not data.hasFormat(ASSETS):
        return ()
    try:
        found = json.loads(bytes(data.data(ASSETS).data()))
    except ValueError:
        return ()
    names = found if isinstance(found, list) else []
    return tuple(name for name in names if isinstance(name, str) and _SHA.fullmatch(name))
