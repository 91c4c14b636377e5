"""What of a film a task wants: its frames, their order, and what is there."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imvar_studio.jobs.tasks import FilmTask
from imvar_studio.model.errors import SpecError, StoreError
from imvar_studio.model.film_export import FilmExport
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import FilmSettings, FilmWork, Project
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Size
from imvar_studio.model.specs import FilmSpec
from imvar_studio.model.timeline import Keyframe, Timeline
from imvar_studio.plan.film import film
from imvar_studio.plan.plan import Plan, chunks
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.worker.chunks import runs_left
from imvar_studio.worker.film import FilmJob, open_film
from imvar_studio.worker.film_part import nearest_first, part_that_is_there, wanted_part

if TYPE_CHECKING:
    from pathlib import Path

FRAMES = 21  # of pictures 0 to 20, in chunks of 4


def spec() -> FilmSpec:
    keys = tuple(Keyframe(f"k{i}", float(i), (Weighted(Prompt(f"owl {i}")),)) for i in range(3))
    settings = FilmSettings(size=Size(64, 64), fps=Fraction(10), seed=1)
    work = FilmWork("film", timeline=Timeline(keys), settings=settings)
    return FilmSpec(work, ModelRef("tiny", "ab" * 32), "fp32", 4)


PLAN = film(spec())
NAMES = [picture.digest for picture in PLAN.pictures]


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder.create(tmp_path / "p.imvar", Project())


def opened(project: ProjectFolder, there: tuple[int, ...] = (), **changes: Any) -> FilmJob:
    """The job of a task, with the frames `there` rendered before."""
    job = open_film(spec(), PLAN, project)
    for index in there:
        file_hash = project.frames.put(NAMES[index], NAMES[index].encode())
        job.take.record(NAMES[index], file_hash, "numerics", 1.0)
    task = FilmTask("/p", spec(), "tiny", "/p.mp4", **changes)
    return wanted_part(open_film(spec(), PLAN, project), task)


def left(job: FilmJob) -> list[list[int]]:
    return [[NAMES.index(picture.digest) for _, picture in run] for run in job.left]


def test_the_film_is_as_long_as_this_test_thinks():
    assert len(PLAN.frames) == len(PLAN.pictures) == FRAMES
    assert [len(chunk) for chunk in chunks(PLAN)] == [4, 4, 4, 4, 4, 1]


def test_without_wishes_all_frames_are_left_in_order(project):
    job = opened(project)
    assert left(job) == [[*range(i, min(i + 4, FRAMES))] for i in range(0, FRAMES, 4)]
    assert (job.frames, job.names, job.makes_film) == (range(FRAMES), tuple(NAMES), True)
    assert (job.pictures, job.pictures_kept, job.pictures_left) == (FRAMES, 0, FRAMES)


def test_only_a_range_of_frames_is_rendered_in_the_slots_they_always_have(project):
    job = opened(project, there=(0, 7), export=FilmExport(3, 9))
    assert left(job) == [[3], [4, 5, 6], [8, 9]]
    assert [[slot for slot, _ in run] for run in job.left] == [[3], [0, 1, 2], [0, 1]]
    assert job.names == tuple(NAMES[3:10])
    assert (job.pictures, job.pictures_kept, job.pictures_left) == (7, 1, 6)
    with pytest.raises(SpecError, match="the film has the frames 0 to 20, asked for are 3 to 21"):
        opened(project, export=FilmExport(3, FRAMES))


def test_a_render_begins_where_it_is_asked_to_and_goes_on_nearby(project):
    assert [run[0] for run in left(opened(project, begin=13))] == [12, 8, 16, 4, 20, 0]
    assert [run[0] for run in left(opened(project, begin=20))] == [20, 16, 12, 8, 4, 0]
    assert [run[0] for run in left(opened(project, begin=10**6))] == [20, 16, 12, 8, 4, 0]


def test_the_chunk_of_the_frame_comes_first_though_the_frame_is_there(project):
    job = opened(project, there=(13, 14, 15), begin=15)
    assert left(job)[:2] == [[12], [16, 17, 18, 19]]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(0, 50))
def test_any_order_keeps_all_runs_and_their_slots(shown, begin):
    used = list(dict.fromkeys(shown))
    plan = Plan(
        tuple(PLAN.pictures[index] for index in range(len(used))),
        tuple(used.index(each) for each in shown), Fraction(10), 3,
    )  # fmt: skip
    runs = runs_left(plan, ())
    found = nearest_first(plan, runs, begin)
    assert sorted(found, key=runs.index) == list(runs)
    far = [
        min(
            abs(frame - begin)
            for frame, index in enumerate(plan.frames)
            if plan.pictures[index] in [picture for _, picture in run]
        )
        for run in found
    ]
    assert far == sorted(far)


def test_what_is_there_holds_the_frame_before_a_hole(project):
    job = opened(project, there=(4, 5, 8, 11))
    cut, text = part_that_is_there(job)
    assert [NAMES.index(name) for name in cut.names] == [4, 5, 5, 5, 8, 8, 8, 11]
    assert (cut.frames, cut.left) == (range(4, 12), ())
    assert text == (
        "4 of 21 frames are there: the film goes from frame 4 to 11, and where one is missing "
        "the frame before it stays."
    )


def test_what_is_there_of_a_range(project):
    job = opened(project, there=(4, 5, 6, 11), export=FilmExport(5, 9))
    cut, text = part_that_is_there(job)
    assert [NAMES.index(name) for name in cut.names] == [5, 6]
    assert text == "2 of 5 frames are there: the film goes from frame 5 to 6."
    whole, text = part_that_is_there(opened(project, there=(5, 6), export=FilmExport(5, 6)))
    assert (whole.names, text) == (tuple(NAMES[5:7]), "2 of 2 frames are there.")


def test_where_none_is_there_nothing_can_be_exported(project):
    with pytest.raises(StoreError) as caught:
        part_that_is_there(opened(project, there=(4,), export=FilmExport(5, 9)))
    assert str(caught.value) == "none of these frames is rendered yet: render some first"


def test_frames_alone_make_no_film(project):
    job = opened(project, frames_only=True)
    assert not job.makes_film
    assert (job.names, left(job)) == (tuple(NAMES), left(opened(project)))
