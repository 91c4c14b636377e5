"""The shell of the window: workspaces are registered, shown and left alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QTimer
from PySide6.QtWidgets import QLabel

from imvar_studio.jobs.queue import Queue
from imvar_studio.model.errors import SpecError
from imvar_studio.model.project import FilmWork
from imvar_studio.model.registry import Registry
from imvar_studio.ui.project_desk import ProjectDesk, open_project
from imvar_studio.ui.rendering import RenderDesk
from imvar_studio.ui.window import MainWindow
from imvar_studio.ui.workspace import Command, Dock, Workspace, WorkspaceSpec
from tests.gui.window import QuietThread

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from imvar_studio.store.project_folder import ProjectFolder
    from imvar_studio.ui.background import Background
    from imvar_studio.ui.context import WindowContext
    from imvar_studio.ui.pictures import Pictures


class Plain:
    """A workspace of a label and a dock, which notes what becomes of it."""

    def __init__(self, name: str) -> None:
        self.name, self.log = name, []

    def __call__(self, context: WindowContext) -> Generator[None, None, Workspace]:
        yield
        self.log.append(f"made for {context.session.film.name}")
        command = Command(f"{self.name}.do.it", "Do it", lambda: self.log.append("done"), "G")
        dock = Dock(f"{self.name}-dock", "Things", "left", QLabel("things"))
        stage = QLabel(self.name)
        return Workspace(stage, (dock,), (command,), lambda: self.log.append("released"))


def test_workspaces_are_switched_with_their_docks_and_commands(
    folder: ProjectFolder,
    lanes: Background,
    screen_pictures: Pictures,
    tmp_path: Path,
    qtbot: Any,
) -> None:
    first, second = Plain("one"), Plain("two")
    workspaces: Registry[WorkspaceSpec] = Registry("workspace")
    for plain in (first, second):
        spec = WorkspaceSpec(plain.name, plain.name.title(), FilmWork, plain)
        workspaces.add(spec.id, spec, label=spec.title)
    desk = RenderDesk(
        lanes,
        lambda: Queue(tmp_path / "queue.db"),
        lambda listener: QuietThread(None, None, listener, None),  # type: ignore[arg-type, return-value]
        lambda work: work(),
        QTimer.singleShot,
    )
    window = MainWindow(workspaces, desk, screen_pictures)
    window.show()
    project = ProjectDesk(open_project(folder.path), lanes, lambda work: work())
    with qtbot.waitCallback() as shown:
        window.show_project(project, shown)
    assert first.log == ["made for Night animals"]
    assert window.top_bar.tabs.isVisible()
    tab = window.top_bar.tabs.tab("two")
    qtbot.mouseClick(tab, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    qtbot.waitUntil(lambda: window.workspace is not None)
    assert first.log == ["made for Night animals", "released"]
    assert second.log == ["made for Night animals"]
    assert "one.do.it" not in window.actions_
    window.actions_["two.do.it"].trigger()
    assert second.log[-1] == "done"
    assert window.docks is not None
    assert window.docks.is_shown("two-dock")
    with pytest.raises(SpecError, match="workspace must be one of one, two"):
        window.show_workspace("three")
    window.show_start()
    assert second.log[-1] == "released"
    with qtbot.waitCallback() as left:
        project.leave(left, lambda error: pytest.fail(str(error)))
    window.leave()
    with qtbot.waitCallback() as closed:
        desk.change(lambda _: None, closed)
    desk.close_queue()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
