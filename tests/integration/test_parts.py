"""Parts of films: rendered in any order, exported while others are missing, at other sizes."""

from __future__ import annotations

import json
import queue
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from imvar_studio.jobs.events import (
    Estimated,
    Finished,
    Made,
    Making,
    Note,
    Preview,
    Progress,
    Stopped,
)
from imvar_studio.jobs.natural import remembered
from imvar_studio.jobs.provenance import film_spec_of, read_record, recipe_of
from imvar_studio.jobs.render_thread import Options, RenderThread
from imvar_studio.jobs.tasks import EstimateTask, FilmTask, ProbeTask
from imvar_studio.jobs.worker_client import Limits
from imvar_studio.media.image_io import read_picture
from imvar_studio.media.video import read_frames
from imvar_studio.model.errors import Cancelled, FormatError, SpecError, StoreError
from imvar_studio.model.film_export import FilmExport
from imvar_studio.plan.film import film as planned
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.worker.process import main
from imvar_studio.worker.run import run_task
from imvar_studio.worker.workshop import Workshop
from tests.integration.test_tasks import Context
from tests.program import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FRAMES = 21


@pytest.fixture
def whole(film: Any, tmp_path: Path) -> FilmTask:
    """The task that made the small film, for another file; all its frames are there."""
    data = json.loads(next(film.project.glob("takes/*/plan.json")).read_bytes())
    from imvar_studio.model.codec import decode
    from imvar_studio.model.specs import FilmSpec

    project = film.copy(tmp_path / "a.imvar")
    spec = decode(data["spec"], FilmSpec)
    return FilmTask(str(project), spec, spec.film.model, str(tmp_path / "a.mp4"))


@pytest.fixture
def new(whole: FilmTask) -> FilmTask:
    """The same of which nothing was rendered."""
    for path in (*Path(whole.project).glob("frames/*/*.png"), *takes(whole)):
        path.unlink()
    return whole


def takes(task: FilmTask) -> list[Path]:
    return [path for path in Path(task.project).glob("takes/*/*") if path.is_file()]


def frames(task: FilmTask) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in Path(task.project).glob("frames/*/*.png")}


def names(task: FilmTask) -> list[str]:
    plan = planned(task.spec)
    return [plan.pictures[index].digest for index in plan.frames]


def keep(task: FilmTask, *indices: int) -> None:
    """Leave only these frames there."""
    store, all_names = ProjectFolder.open(Path(task.project)).frames, names(task)
    for name in set(all_names) - {all_names[index] for index in indices}:
        store.path(name).unlink()


def run(task: FilmTask, ctx: Context | None = None) -> Finished:
    end = run_task(task, Workshop(), Context() if ctx is None else ctx)
    assert isinstance(end, Finished), end
    return end


def seen(path: str) -> list[Any]:
    return [frame.astype(int) for frame in read_frames(Path(path))]


def test_frames_alone_are_rendered_in_another_order_and_to_the_bit(new, film, tmp_path):
    task = replace(new, frames_only=True, begin=12, target="")
    end = run(task, ctx := Context())
    assert (end.outputs, end.encoded, end.frames) == ((), False, FRAMES)
    made = [names(task).index(event.digest) for event in ctx.of(Made)]
    assert made[:2] in ([12, 13], [11, 12])
    assert sorted(made) == list(range(FRAMES))
    assert [digest for each in ctx.of(Making) for digest in each.digests] == [
        event.digest for event in ctx.of(Made)
    ]
    assert not (tmp_path / "a.mp4").exists()
    assert {name for name in snapshot(Path(task.project)) if name.endswith(".mp4")} == set()
    pixels = {path.stem: path.read_bytes() for path in film.project.glob("frames/*/*.png")}
    assert frames(task) == pixels


def test_a_chunk_is_named_before_its_pictures_are_made(new):
    run(replace(new, frames_only=True, export=FilmExport(0, 3)), ctx := Context())
    told = [event for event in ctx if isinstance(event, (Making, Made))]
    waiting: set[str] = set()
    for event in told:
        if isinstance(event, Making):
            assert waiting == set()
            waiting = set(event.digests)
        else:
            waiting.remove(event.digest)
    assert waiting == set()


def test_a_preview_says_which_picture_of_the_chunk_it_shows(new):
    class Looking(Context):
        def wants_preview(self) -> bool:
            return True

    run(replace(new, frames_only=True, export=FilmExport(4, 7)), ctx := Looking())
    chunk: tuple[str, ...] = ()
    for event in ctx:
        if isinstance(event, Making):
            chunk = event.digests
        elif isinstance(event, Preview):
            assert event.digest == chunk[0]
    assert len({event.digest for event in ctx.of(Preview)}) == len(ctx.of(Making))


def test_a_range_is_rendered_alone_and_exported(new, film, tmp_path):
    task = replace(new, export=FilmExport(4, 9))
    end = run(task, ctx := Context())
    assert end.text.endswith("a.mp4 (6 frames, 0.6 s).")
    assert {names(task).index(event.digest) for event in ctx.of(Made)} == set(range(4, 10))
    last = [event for event in ctx.of(Progress) if event.phase == "denoising"][-1]
    assert (last.pictures, last.of, last.done) == (6, 6, last.total)
    part, all_of_it = seen(task.target), list(read_frames(film.out))
    assert [np.abs(a - b).mean() < 6 for a, b in zip(part, all_of_it[4:10], strict=True)] == [
        True
    ] * 6  # fmt: skip
    record = read_record(Path(task.target))
    assert record["frames"] == [4, 9]
    # as rounded as a digest, so the same plan
    assert planned(film_spec_of(record, Path(task.target))).digest == planned(task.spec).digest


def test_a_part_leaves_the_takes_film_where_it_is(whole, tmp_path):
    run(replace(whole, target=""))
    (before,) = Path(whole.project).glob("takes/*/video.mp4")
    data = before.read_bytes()
    part = replace(whole, export=FilmExport(4, 9))
    assert run(part).encoded
    assert before.read_bytes() == data
    # begun again after its end, as a queue does
    again = run(part)
    assert (again.outputs, again.encoded) == ((str(tmp_path / "a.mp4"),), False)


def test_a_range_that_the_film_does_not_have_is_refused(new):
    before = snapshot(Path(new.project))
    with pytest.raises(SpecError) as caught:
        run(replace(new, export=FilmExport(4, FRAMES)))
    assert str(caught.value) == (
        "the film has the frames 0 to 20, asked for are 4 to 21: choose frames that it has"
    )
    assert snapshot(Path(new.project)) == before


def test_what_is_there_is_exported_and_nothing_else_happens(whole, film, tmp_path):
    task = replace(whole, model="/no/such/model", export=FilmExport(there_only=True))
    keep(task, 3, 4, 7)
    before = snapshot(Path(task.project))
    end = run(task, ctx := Context())
    assert snapshot(Path(task.project)) == before
    assert (end.frames, end.encoded) == (5, True)
    assert ctx.of(Note)[0] == Note(
        "3 of 21 frames are there: the film goes from frame 3 to 7, and where one is missing the "
        "frame before it stays."
    )
    assert ctx.of(Made) == []
    shown, all_of_it = seen(task.target), list(read_frames(film.out))
    wanted = [all_of_it[index] for index in (3, 4, 4, 4, 7)]
    assert [np.abs(a - b).mean() < 6 for a, b in zip(shown, wanted, strict=True)] == [True] * 5
    with pytest.raises(StoreError, match=r"a\.mp4 exists"):
        run(task)
    run(replace(task, overwrite=True))


def test_where_nothing_is_there_a_sentence_says_so(new, tmp_path):
    with pytest.raises(StoreError, match="none of these frames is rendered yet: render some"):
        run(replace(new, export=FilmExport(there_only=True)))
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize(("scale", "side"), [(50, 32), (150, 96), (73, 46)])
def test_a_film_of_another_size(whole, scale, side):
    run(replace(whole, export=FilmExport(scale=scale)))
    assert {frame.shape for frame in read_frames(Path(whole.target))} == {(side, side, 3)}


def test_each_way_to_encode_is_a_film_of_its_own(whole, tmp_path):
    """And the one that the take has is known again."""
    sizes = {}
    for crf in (16, 40, 16):
        target = tmp_path / f"{crf}-{len(sizes)}.mp4"
        task = replace(whole, target=str(target), export=FilmExport(crf=crf))
        assert run(task).encoded is (crf != 16 or len(sizes) == 2)
        sizes[target.name] = target.stat().st_size
    assert sizes["16-0.mp4"] == sizes["16-2.mp4"] > sizes["40-1.mp4"]


@pytest.mark.parametrize("name", ["a.webm", "a.mov"])
def test_films_of_other_kinds_carry_what_they_were_planned_from(whole, tmp_path, name):
    task = replace(whole, target=str(tmp_path / name))
    run(task)
    spec = film_spec_of(read_record(tmp_path / name), tmp_path / name)
    assert planned(spec).digest == planned(task.spec).digest
    assert len(list(read_frames(tmp_path / name))) == FRAMES


def test_a_sequence_is_a_folder_of_the_frames_as_they_are(whole, tmp_path):
    folder = tmp_path / "shot"
    task = replace(whole, target=str(folder), export=FilmExport(3, 5, codec="png"))
    end = run(task, ctx := Context())
    assert (end.outputs, end.text) == (
        (str(folder),),
        f"The frames are in {folder} (3 frames, 0.3 s).",
    )
    assert sorted(path.name for path in folder.iterdir()) == [
        "shot-000003.png", "shot-000004.png", "shot-000005.png",
    ]  # fmt: skip
    exported = [path.read_bytes() for path in sorted(folder.iterdir())]
    assert exported == [frames(task)[name] for name in names(task)[3:6]]
    assert ctx.of(Progress)[-1] == Progress("encoding", 3, 3, 3, 3)
    with pytest.raises(StoreError, match="shot is not empty: give another name, or an empty"):
        run(task)
    run(replace(task, overwrite=True, export=FilmExport(4, 4, codec="png")))
    assert [path.name for path in folder.iterdir()] == ["shot-000004.png"]
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(StoreError, match="shot is not empty"):
        run(replace(task, overwrite=True))
    assert sorted(path.name for path in folder.iterdir()) == ["notes.txt", "shot-000004.png"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".imvar")] == []


def test_a_sequence_at_another_size_without_its_texts(whole, tmp_path):
    folder = tmp_path / "shot"
    folder.mkdir()  # an empty one is as good as none
    export = FilmExport(20, scale=50, codec="png")
    run(replace(whole, target=str(folder), keep_prompts=False, export=export))
    (path,) = folder.iterdir()
    picture = read_picture(path)
    assert picture.shape == (32, 32, 3)
    first = read_picture(ProjectFolder.open(Path(whole.project)).frames.path(names(whole)[20]))
    halves = first.reshape(32, 2, 32, 2, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(picture - halves).mean() < 4
    record = read_record(path)
    assert record["prompts"] == "left out"
    assert b"the sea" not in path.read_bytes()
    with pytest.raises(FormatError, match="without its prompts"):
        recipe_of(record, path)


def test_a_cancelled_sequence_leaves_nothing(whole, tmp_path):
    class Until(Context):
        def step(self, event: object) -> None:
            super().step(event)
            if event == Progress("encoding", 2, FRAMES, FRAMES, FRAMES):
                raise Cancelled

    before = sorted(path.name for path in tmp_path.iterdir())
    task = replace(whole, target=str(tmp_path / "shot"), export=FilmExport(codec="png"))
    assert run_task(task, Workshop(), Until()) == Stopped(FRAMES, FRAMES)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_film_inside_of_a_render_of_itself_goes_on_with_it(new):
    """A queue renders it while a window wants its frames: neither waits, no picture twice."""
    shop = Workshop()
    inner = Context()

    def between() -> None:
        if not inner and len(outer.of(Made)) >= 4:
            inner.append("begun")
            live = replace(new, frames_only=True, begin=10, target="")
            inner.append(run_task(live, shop, inner))

    outer = Context(between)
    end = run_task(new, shop, outer)
    assert isinstance(end, Finished)
    assert isinstance(inner[-1], Finished)
    made = [event.digest for event in (*outer.of(Made), *inner.of(Made))]
    assert sorted(made) == sorted(names(new))
    last = outer.of(Progress)[-1]
    assert (last.phase, last.pictures, last.of) == ("encoding", FRAMES, FRAMES)
    assert len(seen(new.target)) == FRAMES
    assert shop.films == {}


def test_an_estimate_renders_nothing_and_makes_no_take(new):
    before = snapshot(Path(new.project))
    task = EstimateTask(replace(new, target="", export=FilmExport(5, 8)))
    end = run_task(task, Workshop(), ctx := Context())
    (said,) = ctx.of(Estimated)
    assert (said.estimate.pictures, said.estimate.of) == (4, 4)
    assert end == Finished((), said.estimate.sentence())
    after = snapshot(Path(new.project))
    assert {name: after[name] for name in before} == before
    assert [name for name in after.keys() - before.keys() if "takes" in name] == []


def test_an_estimate_stops_when_it_is_asked_to(new, monkeypatch, tmp_path):
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))  # where nothing is calibrated

    class Impatient(Context):
        def check(self) -> None:
            raise Cancelled

    assert run_task(EstimateTask(new), Workshop(), Impatient()) == Stopped(0, 0)


def test_the_command_exports_parts(film, here, tmp_path):
    project, out = film.copy(tmp_path / "a.imvar"), tmp_path / "part.mov"
    words = [*film.options, "--frames", "15-", "--scale", 50, "--codec", "prores-4444"]
    said = here("render", project, "--out", out, *words, "--json")
    assert (said.code, said.only("finished")["frames"]) == (0, 6)
    assert [frame.shape for frame in read_frames(out)] == [(32, 32, 3)] * 6
    assert read_record(out)["frames"] == [15, 20]
    small, large = tmp_path / "s.mp4", tmp_path / "l.mp4"
    assert here("render", project, "--out", large, *film.options, "--frames", "-9").code == 0
    words = [*film.options, "--there", "--frames", "-9", "--crf", 45]
    assert here("render", project, "--out", small, *words).code == 0
    assert small.stat().st_size < large.stat().st_size
    assert len(seen(str(small))) == len(seen(str(large))) == 10
    folder = tmp_path / "shot"
    words = [*film.options, "--frames", "7", "--codec", "png"]
    assert here("render", project, "--out", folder, *words).code == 0
    assert [path.name for path in folder.iterdir()] == ["shot-000007.png"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(["--frames", "3-99"], "the film has the frames 0 to 20, asked for are 3 to 99: choose "
      "frames that it has"),
     (["--frames", "a"], "frames must be like 0-23, 24- or -23, got 'a'"),
     (["--frames", "9-3"], "the last frame, 3, is before the first, 9: exchange them"),
     (["--scale", 5], "scale must be in [10, 400], got 5"),
     (["--crf", 99], "crf must be in [0, 51], got 99"),
     (["--codec", "vp9"], "a film '.mp4' has no codec vp9: choose h264 or h265 or av1")],
    ids=str,
)  # fmt: skip
def test_parts_that_cannot_be_are_refused_before_anything_is_rendered(
    film, here, tmp_path, words, sentence
):
    out = tmp_path / "a.mp4"
    assert here("render", film.project, "--out", out, *film.options, *words).sentence == sentence
    assert not out.exists()


LONGEST = 120.0


@pytest.fixture
def ask(own_home: Path, tmp_path: Path, monkeypatch: Any) -> Iterator[Callable[[Any], list[Any]]]:
    """Give a real worker process a task; returns all it says of it."""
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path / "home"))
    inbox: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    limits = Limits(hang=LONGEST, start=LONGEST, stop=LONGEST)
    thread = RenderThread(main, None, lambda *what: inbox.put(what), Options(limits=limits))
    thread.start()

    def run_to_its_end(task: Any) -> list[Any]:
        key, told = thread.submit(task), []
        while not told or not isinstance(told[-1], Finished):
            name, what = inbox.get(timeout=LONGEST)
            if name == key:
                told.append(what)
        return told

    yield run_to_its_end
    assert thread.close(LONGEST)


def test_a_window_learns_what_the_machine_does_and_what_a_film_takes(ask, new):
    assert remembered("cpu", None) is None
    assert ask(ProbeTask("cpu"))[-1].text.startswith("It renders in ")
    found = remembered("cpu", None)
    assert found is not None
    assert found.batch >= 1
    told = ask(EstimateTask(replace(new, device="cpu")))
    (said,) = [event for event in told if isinstance(event, Estimated)]
    assert (said.estimate.pictures, said.estimate.of) == (FRAMES, FRAMES)
    assert said.estimate.seconds > 0
    assert frames(new) == {}
