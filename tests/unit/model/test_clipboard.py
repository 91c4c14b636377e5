"""Keyframes on the clipboard: strictly read, pasted with ids of their own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from imvar_studio.model.clipboard import clip_data, copy, missing_assets, paste, read_clip
from imvar_studio.model.errors import FormatError, SpecError
from imvar_studio.model.look import Picture, Prompt, Weighted
from imvar_studio.model.project import AssetEntry, FilmWork, Project
from imvar_studio.model.source import Asset
from imvar_studio.model.timeline import Keyframe, Timeline

OWL = AssetEntry("ab" * 32, ".png", "owl.png")
FOX = AssetEntry("cd" * 32, ".png", "fox.png")
A = Keyframe("a", 1, (Weighted(Prompt("a")),))
B = Keyframe("b", 3, (Weighted(Picture(Asset(OWL.sha))),))
PROJECT = Project((FilmWork("film", timeline=Timeline((A, B))),), (FOX, OWL))
CLIP = copy(PROJECT, "film", {"a", "b"})


def test_copied_and_pasted() -> None:
    assert [key.time for key in CLIP.keyframes] == [0, 2]
    assert CLIP.assets == (OWL,)
    back = read_clip(json.loads(json.dumps(clip_data(CLIP))))
    assert back == CLIP
    pasted = paste(PROJECT, "film", back, 5)
    keys = pasted.project.films()[0].timeline.keyframes
    assert pasted.ids == ("key-1", "key-2")
    assert keys == (A, B, replace(A, id="key-1", time=5), replace(B, id="key-2", time=7))
    assert keys[0] is A
    assert pasted.project.assets is PROJECT.assets


def test_what_cannot_be_copied_or_pasted() -> None:
    with pytest.raises(SpecError, match="there is nothing to copy"):
        copy(PROJECT, "film", {"gone"})
    with pytest.raises(SpecError, match="there is a keyframe at 3 s already"):
        paste(PROJECT, "film", CLIP, 3)
    other = Project((FilmWork("film"),))
    with pytest.raises(SpecError, match=r"^the project lacks owl\.png, which the keyframes show"):
        paste(other, "film", CLIP, 0)
    nameless = replace(CLIP, assets=())
    assert missing_assets(other, nameless) == {OWL.sha: "the media file abababababab"}
    assert missing_assets(PROJECT, CLIP) == {}


def changed(**fields: Any) -> Any:
    return clip_data(CLIP) | fields


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "the clipboard holds no keyframes: copy keyframes first"),
        (changed(format="imvar"), "the clipboard holds no keyframes: copy keyframes first"),
        (changed(version=True), "the keyframes on the clipboard have no version"),
        (changed(version=2), "the keyframes on the clipboard are of version 2"),
        (changed(more=1), "the keyframes on the clipboard are damaged"),
        (changed(clip={}), "clipboard lacks the field 'keyframes'"),
        (changed(clip={"keyframes": []}), "clipboard: keyframes on the clipboard must begin"),
    ],
)
def test_what_is_no_clip(data: Any, sentence: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_clip(data)
    assert str(caught.value).startswith(sentence)
