"""Context menus: what exists elsewhere, where it is meant."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from imvar_studio.model.track_edits import PRESETS
from imvar_studio.ui.selection import Selection
from imvar_studio.ui.timeline import verbs
from imvar_studio.ui.timeline.hits import Hit, Part
from imvar_studio.ui.timeline.lane_tools import add_point
from imvar_studio.ui.timeline.words import preset_name
from imvar_studio.ui.widgets.easing_choices import easing_choices, easing_of
from imvar_studio.ui.widgets.easing_painting import easing_icon

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.ui.timeline.panel import TimelinePanel
    from imvar_studio.ui.timeline.scene import Spot

tr = QCoreApplication.translate
_RULER = {Part.RULER, Part.PLAYHEAD, Part.MARK_IN, Part.MARK_OUT, Part.STRIP, Part.END}
_LANE = {Part.LANE, Part.LINE, Part.POINT, Part.HANDLE, Part.LANE_EDGE}


def menu_for(panel: TimelinePanel, hit: Hit, spot: Spot) -> QMenu:
    """Return the menu of what was hit; what it is about is selected first."""
    menu = QMenu(panel)
    menu.setToolTipsVisible(True)
    session = panel.scene.session
    if hit.part is Part.KEY and hit.name not in session.selection.value.keyframes:
        session.selection.set(Selection.of_keyframes(hit.name))
    if hit.part is Part.TRANSITION:
        session.selection.set(Selection(transition=hit.name))
    if hit.part is Part.MARKER:
        session.selection.set(Selection(marker=hit.time))
        _add(menu, tr("Timeline", "Rename marker"), panel.open_selected)
        _add(menu, tr("Timeline", "Delete marker"), panel.delete_selection)
    elif hit.part in _RULER:
        _fill_ruler(panel, menu, spot)
    elif hit.part in _LANE:
        _fill_lane(panel, menu, hit, spot)
    else:
        _fill_keys(panel, menu, hit, spot)
    return menu


def lane_menu(panel: TimelinePanel, parameter: str) -> QMenu:
    """Return the menu of a track."""
    menu = QMenu(panel)
    menu.setToolTipsVisible(True)
    _fill_track(panel, menu, parameter)
    return menu


def _fill_keys(panel: TimelinePanel, menu: QMenu, hit: Hit, spot: Spot) -> None:
    session = panel.scene.session
    some = bool(session.selection.value.keyframes)
    if hit.part is Part.TRANSITION:
        _add(menu, tr("Timeline", "Easing\N{HORIZONTAL ELLIPSIS}"), panel.open_selected)
        menu.addSeparator()
    if hit.part is not Part.KEY:
        time, _ = panel.scene.snapped(panel.scene.view.value.time(spot.x), [])
        _add(
            menu,
            tr("Timeline", "Add a prompt here"),
            lambda: panel.prompt_requested.emit(time),
        )
    for text, keys, verb, on in (
        (tr("Timeline", "Cut"), "Ctrl+X", panel.cut, some),
        (tr("Timeline", "Copy"), "Ctrl+C", panel.copy, some),
        (tr("Timeline", "Paste at the playhead"), "Ctrl+V", panel.paste, True),
        (tr("Timeline", "Duplicate"), "Ctrl+D", panel.duplicate, some),
        (tr("Timeline", "Delete"), "Del", panel.delete_selection, some),
    ):
        _add(menu, f"{text}\t{keys}", verb, enabled=on)
    menu.addSeparator()
    _add(menu, tr("Timeline", "Select all") + "\tCtrl+A", panel.select_all)
    _add_ripple(panel, menu)


def _fill_ruler(panel: TimelinePanel, menu: QMenu, spot: Spot) -> None:
    scene = panel.scene
    time, _ = scene.snapped(scene.view.value.time(spot.x), [])
    _add(menu, tr("Timeline", "Add a marker here"), lambda: verbs.add_marker(scene, time))
    marked = scene.session.marks.value is not None
    _add(menu, tr("Timeline", "Trim to in and out"), panel.trim_to_marks, enabled=marked)
    _add(
        menu,
        tr("Timeline", "Clear in and out"),
        lambda: scene.session.marks.set(None),
        enabled=marked,
    )
    menu.addSeparator()
    _add(menu, tr("Timeline", "Whole film"), panel.fit)
    _add_ripple(panel, menu)
    menu.addSeparator()
    group = QActionGroup(menu)
    for text, seconds in ((tr("Timeline", "Timecode"), False), (tr("Timeline", "Seconds"), True)):
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(scene.seconds.value is seconds)
        action.triggered.connect(lambda _=False, on=seconds: scene.seconds.set(on))
        group.addAction(action)


def _fill_lane(panel: TimelinePanel, menu: QMenu, hit: Hit, spot: Spot) -> None:
    scene = panel.scene
    if hit.part is Part.POINT:
        chosen = scene.session.selection.value
        if chosen.track != hit.name or hit.index not in chosen.points:
            scene.session.selection.set(Selection(track=hit.name, points=frozenset({hit.index})))
        _add(menu, tr("Timeline", "Type its value"), panel.open_selected)
        _add_point_easings(panel, menu)
        _add(menu, tr("Timeline", "Delete") + "\tDel", panel.delete_selection)
    else:
        _add(menu, tr("Timeline", "Add a point here"), lambda: add_point(scene, hit.name, spot))
    menu.addSeparator()
    _fill_track(panel, menu, hit.name)


def _fill_track(panel: TimelinePanel, menu: QMenu, parameter: str) -> None:
    scene = panel.scene
    for name in PRESETS:
        if name == "constant":
            straight = easing_of("linear")
            _add(
                menu,
                preset_name(name),
                partial(verbs.apply_preset, scene, parameter, name, straight),
            )
            continue
        ways = menu.addMenu(preset_name(name))
        for choice in easing_choices():
            easing = easing_of(choice.value)
            action = ways.addAction(easing_icon(easing), choice.label)
            action.setToolTip(choice.hint)
            action.triggered.connect(
                lambda _=False, name=name, easing=easing: verbs.apply_preset(
                    scene, parameter, name, easing
                )
            )
    menu.addSeparator()
    _add(menu, tr("Timeline", "Remove track"), lambda: verbs.remove_track(scene, parameter))


def _add_point_easings(panel: TimelinePanel, menu: QMenu) -> None:
    ways = menu.addMenu(tr("Timeline", "To the next point"))
    for choice in easing_choices():
        easing = easing_of(choice.value)
        action = ways.addAction(easing_icon(easing), choice.label)
        action.setToolTip(choice.hint)
        action.triggered.connect(
            lambda _=False, easing=easing: verbs.set_point_easing(panel.scene, easing)
        )


def _add_ripple(panel: TimelinePanel, menu: QMenu) -> None:
    action = menu.addAction(tr("Timeline", "Drag everything after"))
    action.setToolTip(tr("Timeline", "Moving a keyframe moves all that follows, as Shift does"))
    action.setCheckable(True)
    action.setChecked(panel.scene.ripple.value)
    action.triggered.connect(panel.scene.ripple.set)


def _add(menu: QMenu, text: str, verb: Callable[[], object], *, enabled: bool = True) -> None:
    action = menu.addAction(text)
    action.setEnabled(enabled)
    action.triggered.connect(lambda _=False: verb())
