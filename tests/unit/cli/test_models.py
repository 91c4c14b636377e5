"""`imvar models` on priors: listed as what they are, by id and in a scan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from imvar_studio.store.model_roots import remember_root
from tests.priors import KARLO, make_prior

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.program import Said


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of its own."""
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_prior_is_listed_with_its_width_size_and_licence(
    here: Callable[..., Said], own: Path
) -> None:
    prior = make_prior(own / "models" / "Karlo v1", 64, KARLO)
    profile = {"format": "imvar-model-profile", "version": 1, "name": "Karlo", "licence": "MIT"}
    (prior / "imvar_profile.json").write_text(json.dumps(profile))
    said = here("models")
    lines = said.out.splitlines()
    place = lines.index("karlo-v1")
    assert lines[0] == "starter"
    assert place > 0
    first, *words, licence = lines[place + 1].split(", ")
    assert (first, licence) == ("    Karlo", "MIT")
    assert words[:2] == ["prior", "embeddings of 64 numbers"]
    assert lines[place + 2] == f"    {prior}"
    row = here("models", "--json").only("models")["models"][-1]
    size = sum(path.stat().st_size for path in prior.rglob("*.safetensors"))
    assert row == {"id": "karlo-v1", "name": "Karlo", "family": "prior", "width": 64,
                   "bytes": size, "licence": "MIT", "path": str(prior)}  # fmt: skip


def test_a_scan_tells_priors(
    here: Callable[..., Said], own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuff = tmp_path / "stuff"
    good = make_prior(stuff / "kandinsky", 32)
    broken = make_prior(stuff / "broken", 32)
    (broken / "prior" / "config.json").unlink()
    newer = make_prior(stuff / "newer", 32, "KandinskyV22PriorPipeline")
    rows = here("models", "--scan", stuff, "--json").only("models")["models"]
    found = {row["path"]: row for row in rows}
    assert set(found) == {str(good), str(broken), str(newer)}
    assert (found[str(good)]["family"], found[str(good)]["width"]) == ("prior", 32)
    assert found[str(good)]["id"] == str(good)
    assert "prior/config.json is missing" in found[str(broken)]["problem"]
    assert "Kandinsky 2.2's prior" in found[str(newer)]["problem"]
    said = here("models", "--scan", stuff).out
    assert f"{good}\n    kandinsky, prior, embeddings of 32 numbers, " in said
    assert f"{newer}\n    cannot be used: {newer} is Kandinsky 2.2's prior" in said
    remember_root(stuff)
    ids = [row["id"] for row in here("models", "--json").only("models")["models"]]
    assert ids == ["starter", "broken", "kandinsky", "newer"]


def test_a_folder_in_a_scan_is_not_taken_for_an_id(
    here: Callable[..., Said], own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_prior(own / "models" / "karlo", 64)
    make_prior(tmp_path / "here" / "karlo", 32)
    monkeypatch.chdir(tmp_path / "here")
    (row,) = here("models", "--scan", ".", "--json").only("models")["models"]
    assert row["width"] == 32
