"""What an estimate says to people."""

from __future__ import annotations

from dataclasses import replace

from imvar_studio.jobs.estimate import Estimate


def test_sentences():
    known = Estimate(48, 50, 70, 640_000_000, 12_000_000)
    assert known.sentence() == (
        "48 of 50 pictures to render: about 1 min 10 s, 640 MB of memory, 12 MB on disk."
    )
    assert replace(known, as_before=True).sentence() == (
        "48 of 50 pictures to render: about 1 min 10 s as earlier renders took, 640 MB of memory, "
        "12 MB on disk."
    )
    assert replace(known, as_before=True, memory=0).sentence() == (
        "48 of 50 pictures to render: about 1 min 10 s as earlier renders took, 12 MB on disk."
    )
    assert Estimate(0, 50, 0, 0, 0).sentence() == "All 50 pictures are there already."
