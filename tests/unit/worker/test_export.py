"""Targets that are refused before anything is rendered."""

from __future__ import annotations

from fractions import Fraction

import pytest

from imvar_studio.model.errors import SpecError, StoreError, VideoError
from imvar_studio.worker.export import check_target

RATE = Fraction(12)


@pytest.mark.parametrize("name", ["a.mp4", "a.GIF", "a.b.mp4"])
def test_a_free_name_is_good_and_left_free(tmp_path, name):
    check_target(tmp_path / name, RATE, overwrite=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "rate", "error"),
    [("a.avi", RATE, VideoError), ("a", RATE, VideoError), ("no/a.mp4", RATE, StoreError),
     ("there.mp4", RATE, StoreError), ("folder.mp4", RATE, StoreError),
     ("there.mp4/a.mp4", RATE, StoreError), ("x" * 300 + ".mp4", RATE, StoreError),
     ("a.gif", Fraction(51), SpecError)],
)  # fmt: skip
def test_what_could_not_be_written_is_refused(tmp_path, name, rate, error):
    (tmp_path / "there.mp4").write_bytes(b"film")
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(error):
        check_target(tmp_path / name, rate, overwrite=False)
    assert (tmp_path / "there.mp4").read_bytes() == b"film"


def test_overwriting_replaces_files_and_never_folders(tmp_path):
    (tmp_path / "there.mp4").write_bytes(b"film")
    (tmp_path / "folder.mp4").mkdir()
    check_target(tmp_path / "there.mp4", RATE, overwrite=True)
    with pytest.raises(StoreError, match="is a folder: give the film another name"):
        check_target(tmp_path / "folder.mp4", RATE, overwrite=True)
