"""Timelines of prompts."""

from __future__ import annotations

from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.timeline import Keyframe, Timeline


def key(name: str, time: float, text: str = "an owl") -> Keyframe:
    return Keyframe(name, time, (Weighted(Prompt(text)),))


def film(*at: float, **others: object) -> Timeline:
    keys = tuple(key(f"key-{n}", time) for n, time in enumerate(at, 1))
    return Timeline(keys, **others)  # type: ignore[arg-type]
