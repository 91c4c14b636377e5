"""The sheet of buttons: one primary per place, raised ones, and plain ones without a box."""

from __future__ import annotations

BUTTONS = """
QPushButton { background: $raised; color: $text; border: ${ring}px solid transparent;
    border-radius: ${radius}px; padding: 0 10px; min-height: ${button_inside}px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:focus { border-color: $accent; }
QPushButton:checked { color: $accent; }
QPushButton:disabled { color: $disabled; background: $raised; }

QPushButton[kind="primary"], QPushButton:default { background: $accent; color: $on_accent;
    font-weight: 600; }
QPushButton[kind="primary"]:hover, QPushButton:default:hover { background: $accent_hover; }
QPushButton[kind="primary"]:pressed, QPushButton:default:pressed { background: $accent_pressed; }
QPushButton[kind="primary"]:focus, QPushButton:default:focus { border-color: $text; }
QPushButton[kind="primary"]:disabled, QPushButton:default:disabled { background: $raised;
    color: $disabled; }

MessageBar QPushButton[kind="secondary"], Popover QPushButton[kind="secondary"] {
    background: $hover; }
MessageBar QPushButton[kind="secondary"]:hover, Popover QPushButton[kind="secondary"]:hover {
    background: $pressed; }

QPushButton[kind="plain"] { background: transparent; }
QPushButton[kind="plain"]:hover { background: $hover; }
QPushButton[kind="plain"]:pressed { background: $pressed; }
QPushButton[kind="plain"]:disabled { background: transparent; }

QToolButton { background: transparent; color: $text2; border: ${ring}px solid transparent;
    border-radius: ${radius}px; padding: 0 2px; }
QToolButton:hover { background: $hover; color: $text; }
QToolButton:pressed, QToolButton:open { background: $pressed; color: $text; }
QToolButton:focus { border-color: $accent; }
QToolButton:checked { color: $accent; background: transparent; }
QToolButton:checked:hover { background: $hover; }
QToolButton:checked:focus { border-color: $accent; }
QToolButton:disabled { color: $disabled; background: transparent; }
QToolButton::menu-indicator { image: none; }

QToolButton[kind="menu"] { color: $text; padding: 0 20px 0 4px; text-align: left; }
QToolButton[kind="menu"]::menu-indicator { image: $chevron_down_text2; width: 14px; height: 14px;
    subcontrol-origin: padding; subcontrol-position: right center; right: 3px; }

QToolButton[kind="section"] { color: $text2; font-size: ${hint}px; font-weight: 600;
    padding: 0; }
QToolButton[kind="section"]:hover { color: $text; }

QToolButton[kind="tab"] { padding: 0 8px; }
QToolButton[kind="tab"]:checked { background: $raised; color: $text; font-weight: 600; }
QToolButton[kind="raised"] { background: $raised; color: $text; }
QToolButton[kind="raised"]:hover { background: $hover; }
QToolButton[kind="raised"]:pressed { background: $pressed; }

QTabBar { border: none; qproperty-drawBase: 0; qproperty-expanding: 0; }
QTabBar::tab { background: transparent; color: $text2; border: ${ring}px solid transparent;
    border-radius: ${radius}px; padding: 0 10px; min-height: ${button_inside}px;
    margin-right: 4px; }
QTabBar::tab:hover { color: $text; background: $hover; }
QTabBar::tab:selected { background: $raised; color: $text; font-weight: 600; }
QTabBar::tab:focus { border-color: $accent; }
QTabBar::close-button { image: $x_text2; }
QTabWidget::pane { border: none; }
"""
