"""The commands of the film workspace, with their keys and menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from imvar_studio.ui.workspace import Command

if TYPE_CHECKING:
    from imvar_studio.ui.film_workspace import FilmWorkspace


def film_commands(film: FilmWorkspace) -> tuple[Command, ...]:
    """Return the commands of a film's workspace."""
    return (*_edit(film), *_timeline(film), *_play(film), *_view(film), *_render(film))


def _tr(text: str) -> str:
    return QCoreApplication.translate("FilmCommands", text)


def _edit(film: FilmWorkspace) -> tuple[Command, ...]:
    line, menu = film.timeline, _tr("Edit")
    return (
        Command("edit.clip.cut", _tr("Cut"), line.cut, "Ctrl+X", "scissors", menu),
        Command("edit.clip.copy", _tr("Copy"), line.copy, "Ctrl+C", "copy", menu),
        Command("edit.clip.paste", _tr("Paste"), line.paste, "Ctrl+V", "clipboard-paste", menu),
        Command("edit.clip.duplicate", _tr("Duplicate"), line.duplicate, "Ctrl+D", "", menu),
        Command(
            "edit.clip.delete", _tr("Delete"), line.delete_selection, "Del | Backspace", "", menu
        ),
        Command("edit.all.select", _tr("Select all"), line.select_all, "Ctrl+A", "", menu),
    )


def _timeline(film: FilmWorkspace) -> tuple[Command, ...]:
    line, menu = film.timeline, _tr("Timeline")
    return (
        Command(
            "timeline.add.pictures",
            _tr("Add pictures…"),
            film.choose_pictures,
            "Ctrl+I",
            "image-plus",
            menu,
        ),
        Command("timeline.add.prompt", _tr("Add prompt"), film.add_prompt, "P", "type", menu),
        Command("timeline.add.marker", _tr("Add marker"), line.add_marker, "M", "flag", menu),
        Command("timeline.marks.in", _tr("Mark in"), film.stage.mark_in, "I", "", menu),
        Command("timeline.marks.out", _tr("Mark out"), film.stage.mark_out, "O", "", menu),
        Command("timeline.marks.clear", _tr("Clear marks"), film.stage.clear_marks, "X", "", menu),
        Command("timeline.marks.trim", _tr("Trim to marks"), line.trim_to_marks, "", "", menu),
        Command(
            "timeline.view.snap", _tr("Snapping on or off"), line.toggle_snapping, "S", "", menu
        ),
        Command("timeline.view.in", _tr("Zoom in"), line.zoom_in, "+ | =", "", menu),
        Command("timeline.view.out", _tr("Zoom out"), line.zoom_out, "-", "", menu),
        Command("timeline.view.fit", _tr("Fit film"), line.fit, "Shift+Z", "", menu),
    )


def _play(film: FilmWorkspace) -> tuple[Command, ...]:
    stage, menu = film.stage, _tr("Playback")
    return (
        Command("play.go.toggle", _tr("Play or pause"), stage.play_pause, "Space", "play", menu),
        Command("play.go.back", _tr("Play backwards"), lambda: stage.shuttle(-1), "J", "", menu),
        Command("play.go.stop", _tr("Stop"), lambda: stage.shuttle(0), "K", "", menu),
        Command("play.go.forth", _tr("Play forwards"), lambda: stage.shuttle(1), "L", "", menu),
        Command("play.step.back", _tr("Frame back"), lambda: stage.step(-1), "Left", "", menu),
        Command("play.step.forth", _tr("Frame forth"), lambda: stage.step(1), "Right", "", menu),
        Command(
            "play.step.previous", _tr("Previous keyframe"), stage.previous_keyframe, "Up", "", menu
        ),
        Command("play.step.next", _tr("Next keyframe"), stage.next_keyframe, "Down", "", menu),
        Command("play.ends.start", _tr("To start"), stage.go_to_start, "Home", "", menu),
        Command("play.ends.end", _tr("To end"), stage.go_to_end, "End", "", menu),
        Command("play.loop.toggle", _tr("Loop on or off"), stage.toggle_loop, "Ctrl+L", "", menu),
    )


def _view(film: FilmWorkspace) -> tuple[Command, ...]:
    stage, menu = film.stage, _tr("View")
    return (
        Command("view.zoom.fit", _tr("Fit"), lambda: stage.set_zoom("fit"), "Ctrl+0", "", menu),
        Command(
            "view.zoom.whole",
            _tr("Actual size"),
            lambda: stage.set_zoom("100%"),
            "Ctrl+1",
            "",
            menu,
        ),
        Command("view.zoom.in", _tr("Zoom in"), stage.zoom_in, "Ctrl++ | Ctrl+=", "", menu),
        Command("view.zoom.out", _tr("Zoom out"), stage.zoom_out, "Ctrl+-", "", menu),
        Command("view.see.compare", _tr("Compare"), stage.toggle_compare, "C", "columns-2", menu),
        Command(
            "view.see.full", _tr("Full screen"), stage.toggle_full_screen, "F11 | F", "expand", menu
        ),
        Command("view.frame.copy", _tr("Copy frame"), stage.copy_frame, "Ctrl+Shift+C", "", menu),
        Command(
            "view.frame.save", _tr("Save frame as…"), film.save_frame, "Ctrl+Shift+F", "", menu
        ),
    )


def _render(film: FilmWorkspace) -> tuple[Command, ...]:
    desk, menu = film.context.desk, _tr("Render")
    return (
        Command("render.go.film", _tr("Render film"), desk.render, "Ctrl+R", "circle-play", menu),
        Command("render.go.cancel", _tr("Cancel"), desk.cancel_current, "Ctrl+.", "", menu),
        Command("render.go.export", _tr("Export…"), film.export, "Ctrl+E", "download", menu),
    )
