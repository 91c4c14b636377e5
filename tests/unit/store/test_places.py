from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import imvar_studio
from imvar_studio.model.errors import StoreError
from imvar_studio.store import places

if TYPE_CHECKING:
    from pathlib import Path


def _package(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = root / "imvar_studio"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.setattr(imvar_studio, "__file__", str(package / "__init__.py"))
    return package


def test_the_starter_lies_in_this_checkout() -> None:
    assert (places.starter_model() / "model_index.json").is_file()
    assert places.bundled_folder("plugins").name == "plugins"


def test_a_wheel_has_its_resources_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = _package(tmp_path / "site-packages", monkeypatch)
    (package / "resources").mkdir()
    (package.parent / "resources").mkdir()  # another distribution's
    assert places.bundled_folder("resources") == (package / "resources").resolve()


def test_a_stranger_beside_an_installed_package_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = _package(tmp_path / "site-packages", monkeypatch)
    (package.parent / "plugins").mkdir()
    with pytest.raises(StoreError, match="lacks its folder plugins: install"):
        places.bundled_folder("plugins")


def test_the_users_folders_follow_imvar_home(user_home: Path) -> None:
    assert places.user_data_folder() == user_home
    assert places.user_cache_folder() == user_home / "cache"
    assert places.user_models_folder() == user_home / "models"


def test_without_imvar_home_they_are_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMVAR_HOME")
    found = {places.user_data_folder(), places.user_cache_folder()}
    assert len(found) == 2
    assert all("imvar-studio" in path.parts for path in found)
