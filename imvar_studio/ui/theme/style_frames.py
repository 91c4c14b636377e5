"""The sheet of what holds other things: windows, docks, bars, menus, tooltips."""

from __future__ import annotations

FRAMES = """
QMainWindow, QDialog { background: $panel; color: $text; }
QMainWindow { background: $bg; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }

QDockWidget { color: $text; }
QDockWidget::title { background: $panel; padding: 8px ${padding}px; text-align: left; }
QDockWidget > QWidget { background: $panel; }

QToolBar { background: $panel; border: none; spacing: 4px; padding: 0 8px; }
QToolBar::separator { background: $line; width: 1px; margin: 8px 4px; }

QStatusBar { background: $bg; color: $text2; border-top: 1px solid $line; min-height: ${status}px; }
QStatusBar::item { border: none; }

QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent; }

QMenuBar { background: $panel; color: $text; border-bottom: 1px solid $line; }
QMenuBar::item { background: transparent; padding: 4px 8px; border-radius: ${small_radius}px; }
QMenuBar::item:selected { background: $hover; }
QMenuBar::item:pressed { background: $pressed; }

QMenu { background: $raised; color: $text; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 8px; border-radius: ${small_radius}px; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $disabled; background: transparent; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::icon { margin-left: 6px; }
QMenu::indicator { width: 16px; height: 16px; margin-left: 6px; }
QMenu::indicator:checked { image: $check_text; }
QMenu::right-arrow { image: $chevron_right_text2; width: 16px; height: 16px; }

QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 6px;
    font-size: ${hint}px; }

QLabel { background: transparent; }
QLabel:disabled { color: $disabled; }
QLabel[kind="label"] { color: $text2; }
QLabel[kind="hint"] { color: $text3; font-size: ${hint}px; }
QLabel[kind="head"] { color: $text2; font-size: ${hint}px; font-weight: 600; }
QLabel[kind="name"] { color: $text; font-weight: 600; }
QLabel[kind="failed"] { color: $failed; }
QLabel[kind="stale"] { color: $stale; }

QGroupBox { border: none; margin-top: 20px; font-size: ${hint}px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; color: $text2; }

*[ground="stage"] { background: $stage; }
*[ground="bg"] { background: $bg; }
*[ground="panel"] { background: $panel; }
*[ground="raised"] { background: $raised; }

Popover, MessageBar { background: $raised; border: 1px solid $line; }
MessageBar { border-radius: ${radius}px; }
"""
