"""Asking for files and folders, without holding the window up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog

from imvar_studio.ui.library.entries import PICTURE_ENDINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget


def choose_pictures(parent: QWidget, then: Callable[[list[str]], None]) -> QFileDialog:
    """Ask for picture files, and do something with them."""
    dialog = _dialog(parent, QCoreApplication.translate("Library", "Add pictures"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setNameFilters([picture_filter(), _all_files()])
    dialog.filesSelected.connect(then)
    dialog.open()
    return dialog


def choose_file(parent: QWidget, title: str, name: str, then: Callable[[str], None]) -> QFileDialog:
    """Ask for one file, of any kind.

    Args:
        parent: the widget it is about.
        title: of the dialog.
        name: what the file was called.
        then: called with its path.
    """
    dialog = _dialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters([_all_files()])
    dialog.setLabelText(QFileDialog.DialogLabel.FileName, name)
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog


def choose_folder(parent: QWidget, title: str, then: Callable[[str], None]) -> QFileDialog:
    """Ask for a folder."""
    dialog = _dialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(then)
    dialog.open()
    return dialog


def picture_filter() -> str:
    """Return the filter of picture files, as file choosers take it."""
    endings = " ".join(f"*{ending}" for ending in PICTURE_ENDINGS)
    return QCoreApplication.translate("Library", "Pictures ({endings})").format(endings=endings)


def _all_files() -> str:
    return QCoreApplication.translate("Library", "All files (*)")


def _dialog(parent: QWidget, title: str) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
