"""Tasks as the queue has them: done once, begun again, met by what others do meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.cli.main import _parser
from imvar_studio.cli.render import film_task
from imvar_studio.jobs.events import Finished, Made, Waiting
from imvar_studio.jobs.tasks import PicturesTask
from imvar_studio.model.errors import StoreError
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.source import Size
from imvar_studio.model.specs import PicturesSpec
from imvar_studio.plan.film import film as planned
from imvar_studio.plan.pictures import pictures
from imvar_studio.store.locks import take_lock
from imvar_studio.store.models import resolve
from imvar_studio.store.project_folder import ProjectFolder
from imvar_studio.store.takes import take_id
from imvar_studio.worker.run import run_task
from imvar_studio.worker.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Context(list[Any]):
    """Hears a job, and does something when it lets others go first."""

    def __init__(self, between: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self._between = between

    def step(self, event: object) -> None:
        self.append(event)

    def check(self) -> None:
        pass

    def wants_preview(self) -> bool:
        return False

    def between_chunks(self) -> None:
        self._between()

    def of(self, kind: type) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]


@pytest.fixture
def task(film: Any, tmp_path: Path) -> Any:
    project = film.copy(tmp_path / "a.imvar")
    words = ["render", project, "--out", tmp_path / "a.mp4", *film.options]
    return film_task(_parser().parse_args([str(word) for word in words]))


def test_a_film_that_was_done_is_done_again_at_once(task, film, tmp_path):
    """A program may end between the film and its word that it is done."""
    first = run_task(task, Workshop(), Context())
    again = run_task(task, Workshop(), ctx := Context())
    assert isinstance(first, Finished)
    assert isinstance(again, Finished)
    assert (again.outputs, again.encoded) == ((str(tmp_path / "a.mp4"),), False)
    assert ctx.of(Made) == []
    assert (tmp_path / "a.mp4").read_bytes() == film.out.read_bytes()


def test_another_file_of_that_name_is_not_replaced(task, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"somebody's film")
    with pytest.raises(StoreError, match=r"a\.mp4 exists: give another name"):
        run_task(task, Workshop(), Context())
    assert (tmp_path / "a.mp4").read_bytes() == b"somebody's film"


def test_a_film_may_stay_in_its_take(task, film):
    own = replace(task, target="")
    for _ in range(2):
        end = run_task(own, Workshop(), Context())
        assert isinstance(end, Finished)
        (output,) = end.outputs
        assert "takes" in output
    take = ProjectFolder.open(film.project).takes / take_id(planned(task.spec).digest)
    assert output.endswith(f"takes/{take.name}/video.mp4")


@contextmanager
def held(task: Any) -> Iterator[Any]:
    folder = ProjectFolder.open(Path(task.project))
    lock = take_lock(folder, take_id(planned(task.spec).digest), "another render")
    lock.acquire()
    try:
        yield lock
    finally:
        lock.release()


def test_a_take_that_is_rendered_elsewhere_is_waited_for(task, tmp_path):
    with held(task) as lock:
        ctx = Context(lock.release)
        end = run_task(task, Workshop(), ctx)
    assert isinstance(end, Finished)
    (wait,) = ctx.of(Waiting)
    assert "is being rendered by another render (process " in wait.text
    assert wait.text.endswith("this render goes on when that is done.")


@pytest.fixture
def stills(model: Path, film: Any, tmp_path: Path) -> PicturesTask:
    spec = PicturesSpec(
        resolve(str(model)).ref, (Weighted(Prompt("a frog")),), Size(64, 64), 7, 3, steps=1,
        batch=2,
    )  # fmt: skip
    targets = tuple(str(tmp_path / f"frog-{number}.png") for number in range(3))
    return PicturesTask(str(film.project), pictures(spec), targets, str(model))


def test_pictures_that_are_there_are_not_made_again(stills, tmp_path):
    run_task(stills, Workshop(), Context())
    before = [(tmp_path / f"frog-{number}.png").read_bytes() for number in range(3)]
    (tmp_path / "frog-1.png").unlink()
    run_task(stills, Workshop(), ctx := Context())
    assert [made.path for made in ctx.of(Made)] == [str(tmp_path / "frog-1.png")]
    assert [(tmp_path / f"frog-{number}.png").read_bytes() for number in range(3)] == before


def test_a_picture_of_another_recipe_is_not_replaced(stills, tmp_path):
    (tmp_path / "frog-2.png").write_bytes(b"somebody's picture")
    with pytest.raises(StoreError, match=r"frog-2\.png exists: give another name"):
        run_task(stills, Workshop(), Context())
    assert not (tmp_path / "frog-0.png").exists()
