"""The main window: a top bar, a workspace with its docks, messages, a status bar."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from imvar_studio.ui.actions import Actions
from imvar_studio.ui.asset_files import AssetFiles
from imvar_studio.ui.context import WindowContext
from imvar_studio.ui.focus_walk import WalkedWindow
from imvar_studio.ui.layout import Layout
from imvar_studio.ui.memory import restore_window, save_window
from imvar_studio.ui.menus import fill_menus, show_history
from imvar_studio.ui.outside import open_outside
from imvar_studio.ui.render_line import RenderLine
from imvar_studio.ui.start_page import StartPage
from imvar_studio.ui.theme.tokens import STATUS_BAR_HEIGHT
from imvar_studio.ui.top_bar import TopBar
from imvar_studio.ui.turns import Turns
from imvar_studio.ui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from PySide6.QtGui import QCloseEvent

    from imvar_studio.model.registry import Registry
    from imvar_studio.ui.pictures import Pictures
    from imvar_studio.ui.project_desk import ProjectDesk
    from imvar_studio.ui.rendering import RenderDesk
    from imvar_studio.ui.workspace import Command, Workspace, WorkspaceSpec

_LOOK = 500  # ms between two looks at the queue, which other programs change, too
_SIZE, _LEAST = QSize(1600, 1000), QSize(960, 640)


class MainWindow(WalkedWindow):
    """The window: the start page, or an open project.

    Args:
        workspaces: the kinds of work it can show.
        desk: renders.
        pictures: for the screen.

    Attributes:
        close_wanted: the user closes the window; whoever hears it closes the project, and then
            the window with `leave`.
        project_wanted: another project is to be opened, by its path.
    """

    close_wanted = Signal()
    project_wanted = Signal(str)

    def __init__(
        self, workspaces: Registry[WorkspaceSpec], desk: RenderDesk, pictures: Pictures
    ) -> None:
        super().__init__()
        self._workspaces, self._desk, self._pictures = workspaces, desk, pictures
        self._project: ProjectDesk | None = None
        self._workspace: Workspace | None = None
        self._layout: Layout | None = None
        self._assets: AssetFiles | None = None
        self._shown = ""  # the id of the workspace
        self._releases: list[Callable[[], None]] = []
        self._leaving = False
        self._turns = Turns(self)
        self.actions_ = Actions(self)
        self.setMinimumSize(_LEAST)
        self.resize(_SIZE)
        self.setDockOptions(
            WalkedWindow.DockOption.AllowNestedDocks | WalkedWindow.DockOption.AllowTabbedDocks
        )
        corners = Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner
        for corner in corners:
            self.setCorner(corner, Qt.DockWidgetArea.BottomDockWidgetArea)
        self._build()
        restore_window(self)
        self.show_start()

    @property
    def workspace(self) -> Workspace | None:
        """The workspace that is shown, None until all of it is there."""
        return self._workspace

    @property
    def docks(self) -> Layout | None:
        """Its docks."""
        return self._layout

    def add_commands(self, commands: Sequence[Command]) -> None:
        """Add commands that stay whatever is open."""
        self.actions_.add(commands)
        self._fill_menus()

    def show_start(self) -> None:
        """Show the start page; the project that was open is left."""
        self._leave_project()
        self.setWindowTitle("Imvar Studio")
        self.top_bar.hide()
        self.statusBar().hide()
        self.start_page.refresh()
        self._centre.setCurrentWidget(self.start_page)

    def show_project(
        self, project: ProjectDesk, shown: Callable[[], object] = lambda: None
    ) -> None:
        """Show a project in place of what was there, soon: it is built in turns.

        Args:
            project: that is open.
            shown: called when it is there, unless another takes its place before.
        """
        self._leave_project()
        self._project, session = project, project.session
        self._assets = AssetFiles(session)
        self.top_bar.show()
        self.statusBar().show()
        self.top_bar.set_project(session.folder.path.stem)
        self.top_bar.films.attach(session)
        self._releases = [
            self._assets.release,
            self.top_bar.films.release,
            session.messages.connect(self.messages.tell),
            project.document.changed.connect(lambda _: self._show_history()),
            project.document.saved_changed.connect(lambda _: self._show_saved()),
            project.saved_at.changed.connect(lambda _: self._show_saved()),
        ]
        self.setWindowTitle(f"{session.folder.path.stem}  ·  Imvar Studio")
        self._show_saved()
        self._enter(next(iter(self._workspaces)).content, shown)

    def finish_showing(self) -> None:
        """Build at once what is left of a project or workspace that is shown soon."""
        self._turns.finish()

    def show_workspace(self, name: str) -> None:
        """Show another workspace for the project that is open, soon.

        Raises:
            SpecError: if there is none of this id.
        """
        spec = self._workspaces[name].content
        if self._project is not None and spec.id != self._shown:
            self._leave_workspace()
            self._enter(spec)

    def leave(self) -> None:
        """Close the window for good."""
        self._leaving = True
        save_window(self)
        self._leave_project()
        self.render_line.release()
        self.start_page.release()
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask whoever knows whether the window may close."""
        if not self._leaving:
            self.close_wanted.emit()  # a `leave` in answer cannot close a window that is closing
        event.setAccepted(self._leaving)

    def show_dock(self, name: str) -> None:
        """Show a dock of the workspace."""
        if self._layout is not None:
            self._layout.show(name)

    def _build(self) -> None:
        specs = [(entry.name, entry.label) for entry in self._workspaces]
        self.top_bar = TopBar(specs)
        self.setMenuWidget(self.top_bar)
        self._centre = QStackedWidget()
        self.setCentralWidget(self._centre)
        self.start_page = StartPage()
        self._centre.addWidget(self.start_page)
        self.messages = MessageBar(self._centre)
        self.messages.log_requested.connect(self._open_path)
        self.render_line = RenderLine(self._desk)
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.setFixedHeight(STATUS_BAR_HEIGHT)
        bar.addWidget(self.render_line, 1)
        self.top_bar.chosen.connect(self.show_workspace)
        self.top_bar.live_toggled.connect(self._desk.live.set)
        self.top_bar.render_wanted.connect(self._render_or_cancel)
        self.top_bar.export_wanted.connect(self._export)
        self._desk.live.changed.connect(self.top_bar.live.setChecked)
        self._desk.status.changed.connect(lambda _: self.top_bar.set_busy(busy=self._desk.is_busy))
        self._desk.queue_failed.connect(self._tell_queue_failed)
        for look, often in ((self._desk.look, _LOOK), (self._desk.look_at_machine, 4 * _LOOK)):
            timer = QTimer(self)
            timer.timeout.connect(look)
            timer.start(often)

    def _render_or_cancel(self) -> None:
        if self._desk.is_busy:
            self._desk.cancel_current()
        else:
            self._desk.render()

    def _export(self) -> None:
        if "render.go.export" in self.actions_:
            self.actions_["render.go.export"].trigger()

    def _fill_menus(self) -> None:
        shown = self._workspace.commands if self._workspace is not None else ()
        fill_menus(self.top_bar.menu_button.menu(), self.actions_, shown, self._layout)
        if "edit.history.undo" in self.actions_:
            self.top_bar.bind(
                self.actions_["edit.history.undo"], self.actions_["edit.history.redo"]
            )

    def _show_history(self) -> None:
        if self._project is not None:
            show_history(self.actions_, self._project.document)

    def _show_saved(self) -> None:
        project = self._project
        if project is not None:
            self.top_bar.set_state(
                saved=project.is_saved,
                at=project.saved_at.value,
                read_only=bool(project.session.read_only),
            )

    def _tell_queue_failed(self, error: Exception) -> None:
        if self._project is not None:
            self._project.session.fail(error)

    def _open_path(self, path: Path) -> None:
        open_outside(path, self.messages.tell)

    def _enter(self, spec: WorkspaceSpec, shown: Callable[[], object] = lambda: None) -> None:
        """Begin to make a workspace for the project."""
        self._shown = spec.id
        self._turns.start(self._entering(spec), shown)

    def _entering(self, spec: WorkspaceSpec) -> Generator[None, None, None]:
        """Make a workspace for the project, and show it when all of it is there."""
        assert self._project is not None
        assert self._assets is not None
        session, opened = self._project.session, self.project_wanted.emit
        context = WindowContext(session, self._desk, self._pictures, self._assets, self, opened)
        self.setUpdatesEnabled(False)  # what was there is seen until all of it can be
        try:
            yield
            workspace = yield from spec.factory(context)
            with ExitStack() as half:
                half.callback(workspace.release)
                layout = Layout(self, spec.id)
                half.callback(layout.remove)
                yield from layout.adding(workspace.docks)
                half.pop_all()
            self._workspace, self._layout = workspace, layout
            self._centre.addWidget(workspace.stage)
            self._centre.setCurrentWidget(workspace.stage)
            layout.lay_out()
            self.actions_.add(workspace.commands)
            self._fill_menus()
            self.top_bar.set_workspace(spec.id)
            self._show_history()
            workspace.stage.setFocus()
        finally:
            self.setUpdatesEnabled(True)

    def _leave_workspace(self) -> None:
        self._turns.stop()
        self._shown = ""
        if self._workspace is None or self._layout is None:
            return
        self._layout.save()
        self._workspace.release()
        self.actions_.remove([command.id for command in self._workspace.commands])
        self._layout.remove()
        stage: QWidget = self._workspace.stage
        self._centre.removeWidget(stage)
        stage.deleteLater()
        self._workspace = self._layout = None

    def _leave_project(self) -> None:
        if self._project is None:
            return
        self.messages.clear()
        for dialog in self.findChildren(QDialog):
            dialog.close()
        self._leave_workspace()
        for release in self._releases:
            release()
        self._releases = []
        self._project = self._assets = None
