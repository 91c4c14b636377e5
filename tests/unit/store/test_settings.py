from __future__ import annotations

import json
import logging
import os
from typing import TYPE_CHECKING, NoReturn

import pytest

from imvar_studio.model.errors import SpecError, StoreError
from imvar_studio.model.settings import Settings
from imvar_studio.store.settings import load_settings, save_settings, settings_file

if TYPE_CHECKING:
    from pathlib import Path


def test_without_a_file_the_defaults_hold(
    user_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert load_settings() == Settings(5_000_000_000, 10, False)
    assert caplog.records == []
    assert list(user_home.iterdir()) == []


def test_what_was_saved_is_loaded(user_home: Path) -> None:
    settings = Settings(10**9, 0, debug_log=True)
    save_settings(settings)
    assert load_settings() == settings
    assert settings_file() == user_home / "settings.json"
    data = json.loads(settings_file().read_bytes())
    assert data == {
        "format": "imvar-settings",
        "version": 1,
        "settings": {"cache_limit": 10**9, "worker_niceness": 0, "debug_log": True},
    }
    save_settings(Settings())
    assert load_settings() == Settings()
    assert [path.name for path in user_home.iterdir()] == ["settings.json"]


def test_a_folder_that_may_not_be_read_gives_the_defaults_and_a_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(settings_file()), "open", refuse)
    monkeypatch.setattr(type(settings_file()), "stat", refuse)
    assert load_settings() == Settings()
    assert "the settings are not readable, defaults hold" in caplog.text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"format": "imvar", "version": 1, "settings": {}}',
        b'{"format": "imvar-settings", "version": 2, "settings": {}}',
        b'{"format": "imvar-settings", "version": 1, "settings": {"cache_limit": -1}}',
        b'{"format": "imvar-settings", "version": 1, "settings": {"cache_limit": "5"}}',
        b'{"format": "imvar-settings", "version": 1, "settings": {"other": 1}}',
        b'{"format": "imvar-settings", "version": 1}',
    ],
)
def test_a_damaged_file_gives_the_defaults_and_is_kept_aside(
    user_home: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    settings_file().write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert load_settings() == Settings()
    assert "the settings are not readable" in caplog.text
    assert settings_file().read_bytes() == content
    save_settings(Settings(cache_limit=7))
    assert load_settings() == Settings(cache_limit=7)
    aside = user_home / "settings.json.damaged"
    assert aside.read_bytes() == content
    save_settings(Settings(cache_limit=8))
    assert aside.read_bytes() == content


def test_a_save_that_fails_leaves_the_settings_before(
    user_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_settings(Settings(cache_limit=7))

    def full(*_: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match=r"settings\.json, the disk is full"):
            save_settings(Settings())
    assert load_settings() == Settings(cache_limit=7)
    settings_file().write_bytes(b"damaged")
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(StoreError, match=r"settings\.json\.damaged"):
            save_settings(Settings())
    assert settings_file().read_bytes() == b"damaged"
    assert [path.name for path in user_home.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cache_limit": -1}, r"cache-limit must be in \[0, 1000000000000000\], got -1"),
        ({"cache_limit": 1.5}, "cache-limit must be a whole number"),
        ({"worker_niceness": 20}, r"worker-niceness must be in \[0, 19\], got 20"),
        ({"debug_log": 1}, "debug-log must be true or false"),
    ],
)
def test_settings_are_checked(fields: dict[str, object], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        Settings(**fields)  # type: ignore[arg-type]
