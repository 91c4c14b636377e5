"""What a machine renders with is remembered under what it depends on."""

from __future__ import annotations

import pytest

from imvar_studio.jobs.natural import Natural, remember, remembered


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path))
    return tmp_path


def test_what_was_found_out_is_remembered_by_what_was_asked():
    assert remembered(None, None) is None
    remember(None, "bf16", Natural("bf16", 8))
    remember("cpu", None, Natural("fp32", 4))
    assert remembered("", "bf16") == Natural("bf16", 8)
    assert remembered("cpu", "") == Natural("fp32", 4)
    assert remembered(None, None) is None
    remember("cpu", "", Natural("fp32", 2))
    assert remembered("cpu", None) == Natural("fp32", 2)


def test_it_is_found_out_anew_on_another_machine(monkeypatch):
    remember(None, None, Natural("fp16", 16))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    assert remembered(None, None) is None


def test_a_damaged_memory_is_none(home):
    remember(None, None, Natural("fp32", 4))
    for path in home.rglob("*"):
        if path.is_file():
            path.write_bytes(b"{}")
    assert remembered(None, None) is None
