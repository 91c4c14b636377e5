"""A window in which Tab goes only to what can be seen."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QMainWindow, QWidget


class WalkedWindow(QMainWindow):
    """A window with docks, where the focus passes by the docks that lie behind another.

    Qt does not hide such a dock, nor the bar of tabs of a place with a single dock: it lays them
    outside the window, and the focus would get lost there.
    """

    def focusNextPrevChild(self, forth: bool) -> bool:
        """Move the focus to the next or the previous widget that lies in the window."""
        moved = super().focusNextPrevChild(forth)
        at = QApplication.focusWidget()
        passed: list[QWidget] = []
        while moved and at is not None and not self.lies_in_window(at):
            passed.append(at)
            moved = super().focusNextPrevChild(forth)
            at = QApplication.focusWidget()
            if at in passed:
                return False  # all the way round
        return moved

    def lies_in_window(self, widget: QWidget) -> bool:
        """Whether the part of the window that a widget belongs to can be seen, as its docks.

        What is scrolled out of sight in such a part counts, too: the focus brings it into view.
        """
        part = widget
        while (above := part.parentWidget()) is not None and above is not self:
            part = above
        return part.isWindow() or part.geometry().intersects(self.rect())
