"""The sheet of lists, trees, tables and their scroll bars."""

from __future__ import annotations

VIEWS = """
QAbstractScrollArea { border: none; background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QListView, QTreeView, QTableView { background: transparent; color: $text; border: none;
    outline: none; selection-background-color: $selection; selection-color: $text; }
QListView::item, QTreeView::item { padding: 4px; border: ${ring}px solid transparent;
    border-radius: ${small_radius}px; }
QListView::item:hover, QTreeView::item:hover { background: $hover; }
QListView::item:selected, QTreeView::item:selected { background: $selection; color: $text; }
QListView::item:focus, QTreeView::item:focus { border-color: $accent; }
QListView::item:disabled, QTreeView::item:disabled { color: $disabled; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:closed { image: $chevron_right_text2; }
QTreeView::branch:has-children:open { image: $chevron_down_text2; }

QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: $panel; color: $text2; border: none;
    border-bottom: 1px solid $line; padding: 4px 8px; font-size: ${hint}px; font-weight: 600; }

QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $text3; }
QScrollBar::handle:pressed { background: $text2; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""
