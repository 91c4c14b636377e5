"""What a workspace gets of the window and of the open project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from imvar_studio.ui.asset_files import AssetFiles
from imvar_studio.ui.pictures import Pictures
from imvar_studio.ui.rendering import RenderDesk
from imvar_studio.ui.session import Session


@dataclass(frozen=True, slots=True)
class WindowContext:
    """The open project, and what every workspace shares.

    Args:
        session: the project.
        desk: renders.
        pictures: for the screen.
        assets: where the project's media lie.
        window: the parent of dialogs.
        open_project: opens another project, by its path, in place of this one.
    """

    session: Session
    desk: RenderDesk
    pictures: Pictures
    assets: AssetFiles
    window: QWidget
    open_project: Callable[[str], None]
