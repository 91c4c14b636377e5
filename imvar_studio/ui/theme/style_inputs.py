"""The sheet of inputs: fields, choices, sliders, ticks."""

from __future__ import annotations

# the ring takes a pixel more than the line: the inside gives it up, so that nothing jumps
INPUTS = """
QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox { background: $field;
    color: $text; border: 1px solid $line; border-radius: ${radius}px;
    selection-background-color: $selection; selection-color: $text;
    placeholder-text-color: $text3; }
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox { padding: 0 7px; min-height: ${field_inside}px;
    max-height: ${field_inside}px; }
QPlainTextEdit, QTextEdit { padding: 4px 4px; }
QLineEdit:hover, QPlainTextEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover {
    border-color: $text3; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QComboBox:on {
    border: ${ring}px solid $accent; padding: 0 6px; min-height: ${button_inside}px;
    max-height: ${button_inside}px; }
QPlainTextEdit:focus, QTextEdit:focus { border: ${ring}px solid $accent; padding: 3px 3px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QSpinBox:disabled,
QDoubleSpinBox:disabled, QComboBox:disabled { color: $disabled; background: transparent;
    border-color: $line; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit, QAbstractItemView QSpinBox QLineEdit {
    border: none; background: transparent; padding: 0; min-height: 0; }

QSpinBox::up-button, QDoubleSpinBox::up-button { border: none; width: 18px; }
QSpinBox::down-button, QDoubleSpinBox::down-button { border: none; width: 18px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: $chevron_up_text2; width: 12px;
    height: 12px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: $chevron_down_text2; width: 12px;
    height: 12px; }

QComboBox { combobox-popup: 0; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: $chevron_down_text2; width: 16px; height: 16px; }
QComboBox::down-arrow:disabled { image: $chevron_down_disabled; }
QComboBox QAbstractItemView { background: $raised; color: $text; border: 1px solid $line;
    padding: 4px; outline: none; selection-background-color: $hover; selection-color: $text; }
QComboBox QAbstractItemView::item { min-height: 26px; padding: 0 4px; border: none;
    border-radius: ${small_radius}px; }
QComboBox QAbstractItemView::item:hover, QComboBox QAbstractItemView::item:selected {
    background: $hover; color: $text; }
QComboBox QAbstractItemView::item:disabled { color: $disabled; }

QSlider { min-height: 20px; background: transparent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px;
    background: $text; }
QSlider::handle:horizontal:focus { width: 10px; height: 10px; border: ${ring}px solid $accent; }
QSlider::sub-page:horizontal:disabled { background: $disabled; }
QSlider::handle:horizontal:disabled { background: $disabled; }
QSlider[mixed="true"]::sub-page:horizontal { background: $line; }
QSlider[mixed="true"]::handle:horizontal { background: $text3; }

QCheckBox, QRadioButton { color: $text; spacing: 8px; background: transparent; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator { width: 16px; height: 16px; border: 1px solid $text3;
    border-radius: ${small_radius}px; background: $field; }
QCheckBox::indicator:hover { border-color: $text; }
QCheckBox::indicator:focus { width: 14px; height: 14px; border: ${ring}px solid $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent;
    image: $check_on_accent; }
QCheckBox::indicator:indeterminate { background: $accent; border-color: $accent;
    image: $minus_on_accent; }
QCheckBox::indicator:checked:focus, QCheckBox::indicator:indeterminate:focus {
    border-color: $text; }
QCheckBox::indicator:disabled { border-color: $line; background: transparent; }
QCheckBox::indicator:checked:disabled { image: $check_disabled; }
QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid $text3;
    border-radius: 8px; background: $field; }
QRadioButton::indicator:checked { width: 8px; height: 8px; border: 4px solid $accent;
    background: $on_accent; }
QRadioButton::indicator:focus { width: 12px; height: 12px; border: ${ring}px solid $accent; }
QRadioButton::indicator:checked:focus { width: 8px; height: 8px; border: 4px solid $text; }
QRadioButton::indicator:disabled { border-color: $line; background: transparent; }
QRadioButton::indicator:checked:disabled { border-color: $disabled; background: $panel; }

QProgressBar { background: $line; border: none; border-radius: 2px; min-height: 4px;
    max-height: 4px; color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
"""
