"""Power that goes while the journal is written: what was reported done is there."""

from __future__ import annotations

import json
import shutil

from imvar_studio.model.codec import decode
from imvar_studio.plan.plan import Plan
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.takes import Take
from tests.faults.film48 import FRAMES


def test_a_journal_cut_at_and_inside_every_record(whole, tmp_path):
    project = shutil.copytree(whole, tmp_path / "night.imvar")
    (path,) = project.glob("takes/*/journal.jsonl")
    plan = decode(json.loads((path.parent / "plan.json").read_bytes())["plan"], Plan)
    take = Take(ProjectFolder.open(project), plan)
    data = path.read_bytes()
    ends = [at + 1 for at, byte in enumerate(data) if byte == ord("\n")]
    assert len(ends) == FRAMES
    names = [json.loads(line)["recipe"] for line in data.splitlines()]
    for count, end in enumerate([0, *ends[:-1]]):
        inside = ends[count] - end
        for cut in (0, 1, inside // 2, inside - 2):
            path.write_bytes(data[: end + cut])
            assert sorted(take.finished()) == sorted(names[:count])
            # and what comes after joins no torn line
            take.record(names[count], "ab" * 32, "numerics", 1.0)
            assert sorted(take.finished()) == sorted(names[:count])
