"""What the inspector calls things: plain words, with the terms of the field as hints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from imvar_studio.model.look import (
    Blend,
    Crop,
    Edit,
    Jitter,
    Join,
    Mix,
    Nothing,
    Picture,
    Prior,
    Prompt,
    Scale,
    Shift,
)
from imvar_studio.model.source import Asset, Output, Region
from imvar_studio.ui.widgets.choice_field import Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imvar_studio.model.look import Look
    from imvar_studio.model.source import Source

_LONGEST = 60  # characters of a prompt within another sentence


def _tr(text: str) -> str:
    return QCoreApplication.translate("Inspector", text)


def sampler_choices() -> tuple[Choice, ...]:
    """Return the samplers that come with the program, by their names in `engine.samplers`."""
    return (
        Choice("dpmpp-2m", "DPM++ 2M", _tr("DPM-Solver++ 2M: the fastest to converge")),
        Choice("unipc", "UniPC", _tr("As fast; predictor and corrector")),
        Choice("ddim", "DDIM", _tr("The only one with eta; the one that leads back to pictures")),
        Choice("euler", "Euler", _tr("Simple and robust")),
        Choice(
            "euler-ancestral",
            _tr("Euler ancestral"),
            _tr("Draws noise at every step and never settles"),
        ),
        Choice("lms", "LMS", _tr("Linear multistep, as the first films were made with")),
        Choice("pndm", "PNDM", _tr("As Stable Diffusion 1 shipped")),
        Choice("lcm", "LCM", _tr("For models distilled to 2 to 8 steps")),
    )


def spacing_choices() -> tuple[Choice, ...]:
    """Return how timesteps may lie."""
    return (
        Choice("trailing", _tr("From the end"), _tr("Trailing spacing: begins at pure noise")),
        Choice("leading", _tr("From the start"), _tr("Leading spacing, as older models expect")),
        Choice("linspace", _tr("Even"), _tr("Linspace spacing: equal steps, both ends included")),
    )


def motion_choices() -> tuple[Choice, ...]:
    """Return how eta's noise may move."""
    return (
        Choice("held", _tr("Held"), _tr("One noise for the whole film: calm")),
        Choice("walk", _tr("Walks"), _tr("From one noise to another over the film: flows")),
        Choice("fresh", _tr("Fresh"), _tr("New noise for every frame: boils")),
    )


def framing_choices() -> tuple[Choice, ...]:
    """Return how a picture may fill the frame."""
    return (
        Choice("fill", _tr("Fill"), _tr("Covers the frame; what is over is cut off")),
        Choice("fit", _tr("Fit"), _tr("Shows all of the picture, with a border")),
        Choice("crop", _tr("Crop"), _tr("Covers the frame, closer by the zoom")),
    )


def method_choices() -> tuple[Choice, ...]:
    """Return how a picture may be taken back to noise."""
    return (
        Choice(
            "fixed-point",
            _tr("Exact"),
            _tr("Fixed-point inversion: every step is refined until it leads back"),
        ),
        Choice("plain", _tr("Plain"), _tr("DDIM inversion as published: faster, less exact")),
    )


def condition_choices() -> tuple[Choice, ...]:
    """Return the paths from look to look."""
    return (
        Choice("lerp", _tr("Straight"), _tr("Linear interpolation (lerp)")),
        Choice("slerp", _tr("Great arc"), _tr("Spherical interpolation per token (slerp)")),
        Choice(
            "slerp-whole",
            _tr("Great arc, whole"),
            _tr("Spherical interpolation over the whole condition (slerp)"),
        ),
    )


def latent_choices() -> tuple[Choice, ...]:
    """Return the paths from noise to noise."""
    return (
        Choice("slerp", _tr("Great arc"), _tr("Spherical interpolation of the latents (slerp)")),
        Choice("lerp", _tr("Straight"), _tr("Linear interpolation of the latents (lerp)")),
        Choice("hold", _tr("Hold"), _tr("Stays at the first keyframe's noise")),
        Choice("circle", _tr("Circle"), _tr("Leaves the first keyframe's noise and returns to it")),
    )


def preset_choices() -> tuple[Choice, ...]:
    """Return the well-known courses of a track, by their names in `track_edits.PRESETS`."""
    return (
        Choice("constant", _tr("Constant")),
        Choice("change", _tr("From one value to another")),
        Choice("there-and-back", _tr("There and back")),
        Choice("change-and-hold", _tr("There, hold, and back")),
    )


def track_name(parameter: str) -> str:
    """Return what a track's parameter is called."""
    names = {
        "guidance": _tr("Guidance"),
        "eta": _tr("Eta"),
        "embedding-strength": _tr("Look strength"),
        "edit-amount": _tr("Edit amount"),
        "jitter": _tr("Jitter"),
        "strength": _tr("Picture strength"),
    }
    return names.get(parameter, parameter)


def look_words(look: Look, name: Callable[[str], str]) -> str:
    """Return a look in plain words: `Mix of cat.jpg and fox.png`.

    Args:
        look: any.
        name: of an asset, by its SHA-256.
    """
    match look:
        case Picture():
            words = source_words(look.source, name)
        case Crop():
            words = _tr("Part of {picture}").format(picture=source_words(look.source, name))
        case Prompt() | Prior():
            words = f"“{_short(look.text)}”" if look.text.strip() else _tr("Empty prompt")
        case Nothing():
            words = _tr("Nothing")
        case Mix():
            words = _tr("Mix of {looks}").format(
                looks=_listed([look_words(part.look, name) for part in look.parts])
            )
        case Join():
            words = _tr("{looks}, side by side").format(
                looks=_listed([look_words(each, name) for each in look.looks])
            )
        case Blend():
            words = _tr("{first} on the way to {second}").format(
                first=look_words(look.first, name), second=look_words(look.second, name)
            )
        case _:
            words = _changed_words(look, look_words(look.look, name))
    return words


def _changed_words(look: Scale | Edit | Jitter | Shift, inner: str) -> str:
    match look:
        case Edit():
            return _tr("{look}, from “{origin}” to “{target}”").format(
                look=inner, origin=_short(look.origin), target=_short(look.target)
            )
        case Jitter():
            return _tr("{look} with jitter").format(look=inner)
        case Shift():
            return _tr("{look}, shifted").format(look=inner)
        case Scale():
            return inner


def source_words(source: Source, name: Callable[[str], str]) -> str:
    """Return where pixels come from in plain words."""
    match source:
        case Asset():
            return name(source.sha)
        case Output():
            return _tr("a rendered picture")
        case Region():
            return _tr("Part of {picture}").format(picture=source_words(source.source, name))


def _listed(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return _tr("{some} and {last}").format(some=", ".join(words[:-1]), last=words[-1])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"
