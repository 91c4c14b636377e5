"""Names of tracks, states and presets, as the window says them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from imvar_studio.ui.frames import FrameState


def track_name(parameter: str) -> str:
    """Return the plain name of a track's parameter."""
    tr = QCoreApplication.translate
    return {
        "guidance": tr("Timeline", "Guidance"),
        "eta": tr("Timeline", "Eta"),
        "embedding-strength": tr("Timeline", "Embedding strength"),
        "edit-amount": tr("Timeline", "Edit amount"),
        "jitter": tr("Timeline", "Jitter"),
        "strength": tr("Timeline", "Strength"),
    }[parameter]


def track_hint(parameter: str) -> str:
    """Return what a parameter does, with the term of the field."""
    tr = QCoreApplication.translate
    return {
        "guidance": tr(
            "Timeline", "How closely pictures keep to the look (classifier-free guidance scale)"
        ),
        "eta": tr("Timeline", "How much new noise each step adds (DDIM eta)"),
        "embedding-strength": tr(
            "Timeline", "How strong the look is (length of the embedding, as a factor)"
        ),
        "edit-amount": tr(
            "Timeline",
            "How far an edit goes from one text to the other (direction in the embedding)",
        ),
        "jitter": tr("Timeline", "How much the look is shaken (noise on the embedding)"),
        "strength": tr(
            "Timeline", "How far pictures may leave what they start from (img2img strength)"
        ),
    }[parameter]


def state_name(state: FrameState) -> str:
    """Return a frame's state in words."""
    tr = QCoreApplication.translate
    return {
        FrameState.RENDERED: tr("Timeline", "rendered"),
        FrameState.MISSING: tr("Timeline", "not rendered"),
        FrameState.STALE: tr("Timeline", "out of date, shows an earlier picture"),
        FrameState.RENDERING: tr("Timeline", "being rendered"),
        FrameState.FAILED: tr("Timeline", "failed"),
    }[state]


def preset_name(name: str) -> str:
    """Return the plain name of a course of `track_edits.PRESETS`."""
    tr = QCoreApplication.translate
    return {
        "constant": tr("Timeline", "Constant"),
        "change": tr("Timeline", "Change"),
        "there-and-back": tr("Timeline", "There and back"),
        "change-and-hold": tr("Timeline", "Change and hold"),
    }[name]


def step_name(name: str) -> str:
    """Return the name of a step of the timeline in the person's language.

    Args:
        name: as code without Qt says it; all there are are listed here, to be translated.
    """
    tr = QCoreApplication.translate
    return {
        "Move keyframes": tr("Timeline", "Move keyframes"),
        "Duplicate keyframes": tr("Timeline", "Duplicate keyframes"),
        "Move everything after": tr("Timeline", "Move everything after"),
        "Move points": tr("Timeline", "Move points"),
        "Bend the curve": tr("Timeline", "Bend the curve"),
        "Change a value": tr("Timeline", "Change a value"),
        "Add a point": tr("Timeline", "Add a point"),
        "Move marker": tr("Timeline", "Move marker"),
        "Change the film's length": tr("Timeline", "Change the film's length"),
        "Delete keyframe": tr("Timeline", "Delete keyframe"),
        "Delete keyframes": tr("Timeline", "Delete keyframes"),
        "Delete marker": tr("Timeline", "Delete marker"),
        "Delete points": tr("Timeline", "Delete points"),
        "Add pictures": tr("Timeline", "Add pictures"),
        "Replace picture": tr("Timeline", "Replace picture"),
        "Add a marker": tr("Timeline", "Add a marker"),
        "Rename marker": tr("Timeline", "Rename marker"),
        "Trim to in and out": tr("Timeline", "Trim to in and out"),
        "Change easing": tr("Timeline", "Change easing"),
        "Add a track": tr("Timeline", "Add a track"),
        "Remove track": tr("Timeline", "Remove track"),
        "Change the curve": tr("Timeline", "Change the curve"),
        "Paste keyframes": tr("Timeline", "Paste keyframes"),
    }[name]
