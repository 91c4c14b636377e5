"""The window as `imvar_studio.app.studio` starts it, telling what it has come to and when.

    python -m tests.benchmarks.window_started [PROJECT [live]]

Without a project it ends when the start page has heard a key.

Each line is a JSON list of a name, `time.monotonic`, the seconds that the window's thread has
worked, and what goes with it. Nothing of the program
is changed: some of its functions are wrapped so that they tell that they were called.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

_LONGEST = 180_000  # ms until it gives up


def tell(name: str, what: object = None) -> None:
    """Write a line."""
    print(json.dumps([name, time.monotonic(), time.thread_time(), what]), flush=True)


def main() -> None:
    """Be the window's process."""
    tell("python")
    # the same, in the same order, as `imvar_studio.app.studio`
    from imvar_studio.store.libraries import prepare_libraries

    prepare_libraries()
    from imvar_studio.store.logs import start_log
    from imvar_studio.ui import application
    from imvar_studio.worker.process import main as worker

    start_log()
    tell("imported")
    watch(application, live="live" in sys.argv[2:])
    sys.exit(application.run(sys.argv[1:2], worker))


def watch(application: Any, *, live: bool) -> None:
    """Have the program tell."""
    from PySide6.QtCore import QTimer

    whole = application.Program

    class Told(whole):  # type: ignore[misc,valid-type]
        def start(self, path: str = "") -> None:
            window = self.studio.window
            show = window.show_project

            def told(project: Any, shown: Callable[[], object]) -> None:
                def both() -> None:
                    shown()
                    tell("project")
                    _follow(self, window, live=live)

                show(project, both)

            window.show_project = told
            after_paint(window, lambda: _painted(window, page=not path))
            QTimer.singleShot(_LONGEST, lambda: tell("late"))
            tell("made")
            super().start(path)

    application.Program = Told


def _painted(window: Any, *, page: bool) -> None:
    """The window is there; on its start page, press a key, and end where it is heard."""
    tell("window")
    if page:
        began = time.monotonic()
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QApplication

        def heard(_old: object, new: object) -> None:  # Tab moves the focus
            if new is not None:
                tell("key")
                tell("end")

        tell("tools", time.monotonic() - began)
        _when_active(window, lambda: (
            QApplication.instance().focusChanged.connect(heard),  # type: ignore[union-attr]
            QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab),
        ))  # fmt: skip


def _when_active(window: Any, do: Callable[[], object]) -> None:
    """Do something as soon as the window has the keyboard."""
    from PySide6.QtCore import QTimer

    if window.isActiveWindow():
        do()
    else:
        window.activateWindow()  # a desktop does it by itself
        QTimer.singleShot(1, lambda: _when_active(window, do))


def _follow(program: Any, window: Any, *, live: bool) -> None:
    """Watch the stage, press a key as soon as it is painted, and end where all is known."""
    from imvar_studio.ui.stage.shown import Kind

    began = time.monotonic()
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    tell("tools", time.monotonic() - began)  # of the benchmark, not of the program
    stage, session = window.workspace.stage, program.studio.project.session
    pictured, seen = {Kind.PICTURE, Kind.RENDERED, Kind.PREVIEW}, set[Kind]()
    wanted = {"key", "rendered" if live else "picture"}

    def heard(_: float) -> None:  # a key that is heard moves the playhead
        disconnect()
        reached("key")
        session.seek(0.0)
        if live:
            button = window.top_bar.live
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            tell("live", program.desk.live.value)

    def press() -> None:
        tell("pressed")
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Right)

    def look() -> None:
        kind = stage.source.shown.kind
        if kind in pictured - seen and stage.source.content.image is not None:
            seen.add(kind)
            after_paint(stage, lambda: reached(kind.name.lower()))

    def reached(name: str) -> None:
        tell(name)
        wanted.discard(name)
        if not wanted:
            tell("end")

    def stage_painted() -> None:
        tell("stage")
        _when_active(window, press)

    disconnect = session.playhead.changed.connect(heard)
    after_paint(stage, stage_painted)
    stage.source.changed.connect(look)
    program.desk.events.connect(
        lambda _, what: tell(f"{type(what).__name__} {getattr(what, 'phase', '')}".strip().lower())
    )
    look()


def after_paint(widget: QWidget, then: Callable[[], None]) -> None:
    """Call something once, when a widget, or what lies in it, has been painted."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() == QEvent.Type.Paint:
                watched.removeEventFilter(self)
                QTimer.singleShot(0, then)  # when this round of painting is over
            return False

    widget.installEventFilter(Watch(widget))


if __name__ == "__main__":
    main()
