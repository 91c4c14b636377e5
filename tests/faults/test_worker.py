"""The real worker with a tiny model: killed, cancelled in every phase, stopped with its program."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest

from imvar_studio.cli import main as cli
from imvar_studio.jobs.events import Failed, Finished, Made, Note, Preview, Progress, Stopped
from imvar_studio.jobs.queue import Queue
from imvar_studio.jobs.queued import State
from imvar_studio.jobs.render_events import key_of
from imvar_studio.jobs.render_thread import Options, RenderThread
from imvar_studio.jobs.tasks import PicturesTask
from imvar_studio.jobs.worker_client import Limits
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.source import Size
from imvar_studio.model.specs import PicturesSpec
from imvar_studio.plan.pictures import pictures
from imvar_studio.store.models import resolve
from imvar_studio.worker.process import main
from tests.faults.film48 import FRAMES, OPTIONS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
LONGEST = 120.0  # seconds any test waits for what must come
LIMITS = Limits(hang=LONGEST, start=LONGEST, stop=LONGEST)


class Server:
    """A render thread on a queue of its own, and all it tells."""

    def __init__(self) -> None:
        self.jobs = Queue()
        self._inbox: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self.thread = RenderThread(
            main, partial(Queue, check=False), lambda *what: self._inbox.put(what),
            Options(limits=LIMITS),
        )  # fmt: skip
        self.thread.start()

    def add(self, project: Path, *options: object) -> str:
        """Put a film into the queue; returns its key."""
        words = ["queue", "add", project, "--out", project.with_suffix(".mp4"), *options]
        assert cli.run([str(word) for word in words]) == 0
        return key_of(max(job.id for job in self.jobs.jobs()))

    def until(self, key: str, wanted: Callable[[Any], bool]) -> list[tuple[str, Any]]:
        """Return what is told until a job says what is wanted; the last is that."""
        told = []
        while True:
            try:
                told.append(self._inbox.get(timeout=LONGEST))
            except queue.Empty:
                pytest.fail(f"only {told}")
            if told[-1][0] == key and wanted(told[-1][1]):
                return told

    def end(self, key: str) -> Any:
        ends = (Finished, Failed, Stopped)
        return self.until(key, lambda what: isinstance(what, ends))[-1][1]

    def state(self, key: str) -> State:
        return self.jobs.job(int(key.removeprefix("job-"))).state


@pytest.fixture(scope="module")
def server(own_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMVAR_HOME", str(tmp_path_factory.mktemp("server")))
        made = Server()
        yield made
        assert made.thread.close(LONGEST)
        assert workers(psutil.Process()) == []


def workers(parent: psutil.Process) -> list[psutil.Process]:
    return [each for each in parent.children() if "spawn_main" in " ".join(each.cmdline())]


def in_phase(phase: str) -> Callable[[Any], bool]:
    return lambda what: isinstance(what, Progress) and what.phase == phase


def is_tried_again(what: object) -> bool:
    return isinstance(what, Note) and "again" in what.text


def is_made(what: Any) -> bool:
    return isinstance(what, Made)


def frames(project: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in project.glob("frames/*/*.png")}


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix == ".part" or ".imvar-" in path.name]


def is_gone(process: psutil.Process) -> bool:
    process.wait(LONGEST)
    return not process.is_running()


@pytest.mark.parametrize("phase", ["inverting", "denoising", "encoding"])
def test_a_film_is_cancelled_within_a_step_in_every_phase(server, project, phase):
    """And goes on from there when it is retried."""
    key = server.add(project, *OPTIONS)
    told = server.until(key, in_phase(phase))
    (worker,) = workers(psutil.Process())
    server.thread.cancel(key)
    told += server.until(key, lambda what: isinstance(what, Stopped))
    kept = len(frames(project))
    assert told[-1][1] == Stopped(kept, FRAMES)
    assert kept == sum(is_made(what) for _, what in told)
    assert (kept == FRAMES) == (phase == "encoding")
    assert server.state(key) is State.CANCELLED
    assert workers(psutil.Process()) == [worker]
    assert leftovers(project.parent) == []
    assert not project.with_suffix(".mp4").exists()
    if phase == "encoding":
        return
    server.jobs.retry(int(key.removeprefix("job-")))
    told = server.until(key, lambda what: isinstance(what, Finished))
    assert sum(is_made(what) for _, what in told) == FRAMES - kept
    assert project.with_suffix(".mp4").stat().st_size > 1000


def test_an_interactive_picture_waits_for_one_chunk_at_most(server, project, model, tmp_path):
    """It runs inside of the film: of that, one chunk is finished at most before it."""
    batch = 4
    key = server.add(project, *OPTIONS)
    server.until(key, is_made)
    spec = PicturesSpec(
        resolve(str(model)).ref, (Weighted(Prompt("a frog")),), Size(64, 64), 7, steps=2
    )
    plan, target = pictures(spec), tmp_path / "frog.png"
    mine = server.thread.submit(PicturesTask(str(project), plan, (str(target),), str(model)))
    told = server.until(mine, lambda what: isinstance(what, Finished))
    assert told[-1][1].outputs == (str(target),)
    assert target.stat().st_size > 1000
    film = [what for own, what in told if own == key and is_made(what)]
    assert len(film) <= 2 * batch - 1  # the rest of the chunk that ran, and of a first one
    assert isinstance(server.end(key), Finished)
    assert len(frames(project)) == FRAMES


def test_the_worker_shows_what_it_makes(server, project):
    key = server.add(project, *OPTIONS)
    told = server.until(key, lambda what: isinstance(what, Preview))
    shown = told[-1][1]
    assert (shown.width, shown.height) == (256, 256)  # the film's 64, enlarged
    pixels = np.frombuffer(shown.pixels, np.uint8)
    assert pixels.size == 256 * 256 * 3
    assert len(np.unique(pixels)) > 10
    assert 1 <= shown.step <= shown.steps


def test_a_film_whose_worker_is_killed_is_tried_again_and_whole(server, project, whole):
    """Its finished pictures are kept, and those of a render that nothing befell."""
    key = server.add(project, *OPTIONS)
    told = server.until(key, is_made)
    (worker,) = workers(psutil.Process())
    worker.kill()
    told += server.until(key, is_tried_again)
    assert told[-1][1].text == (
        "The system ended the render process, probably for want of memory. "
        "It is tried again from there."
    )
    before = frames(project)
    assert len(before) < FRAMES
    told = server.until(key, lambda what: isinstance(what, Finished))
    made = {what.digest for _, what in told if is_made(what)}
    # what stood on the disk when the worker died is not made again, except for the picture that
    # was not in the journal yet
    assert len(made & {name.removesuffix(".png") for name in before}) <= 1
    assert frames(project) == frames(whole)
    assert server.state(key) is State.FINISHED


def test_a_film_that_kills_every_worker_fails_and_the_next_one_is_made(server, night, tmp_path):
    first, second = (shutil.copytree(night, tmp_path / f"{n}.imvar") for n in "ab")
    bad, good = server.add(first, *OPTIONS), server.add(second, *OPTIONS)
    for last in (False, True):
        server.until(bad, is_made)
        (worker,) = workers(psutil.Process())
        worker.kill()
        if not last:  # what the first one made is heard by then
            server.until(bad, is_tried_again)
    end = server.until(bad, lambda what: isinstance(what, Failed))[-1][1]
    assert (end.cause, end.remedy) == (
        "memory", "choose a smaller batch or size, or close other programs",
    )  # fmt: skip
    assert server.state(bad) is State.FAILED
    assert isinstance(server.end(good), Finished)
    assert 0 < len(frames(first)) < FRAMES == len(frames(second))


def test_a_film_is_cancelled_while_its_model_is_loaded(server, project, tiny_model):
    """At once: the worker, which would not listen for long, is ended."""
    other = tiny_model("epsilon")
    key = server.add(project, *OPTIONS, "--model", other)
    server.until(key, in_phase("loading"))
    (worker,) = workers(psutil.Process())
    server.thread.cancel(key)
    assert server.end(key) == Stopped(0, FRAMES)
    assert is_gone(worker)
    assert server.state(key) is State.CANCELLED


def test_a_killed_workers_ffmpeg_ends_too_and_leaves_no_half_film(server, project):
    """One picture shown for an hour: rendered at once, and then written for long."""
    path = project / "project.json"
    data = json.loads(path.read_bytes())
    timeline = data["project"]["works"][0]["timeline"]
    timeline.update(keyframes=timeline["keyframes"][1:], duration=3600.0)
    path.write_text(json.dumps(data), "utf-8")
    key = server.add(project, "--steps", 2, "--fps", 10)
    server.until(key, in_phase("encoding"))
    (worker,) = workers(psutil.Process())
    (ffmpeg,) = [each for each in worker.children() if "ffmpeg" in each.name()]
    worker.kill()
    assert is_gone(ffmpeg)
    # it is tried again, and is written anew
    server.until(key, lambda what: isinstance(what, Note) and "again" in what.text)
    server.until(key, in_phase("encoding"))
    server.thread.cancel(key)
    assert isinstance(server.end(key), Stopped)
    assert list(project.glob("takes/*/*.mp4")) == []
    assert not project.with_suffix(".mp4").exists()


def wait_for(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    for line in process.stdout:
        said: dict[str, Any] = json.loads(line)
        if said["event"] == event:
            return said
    pytest.fail(process.stderr.read())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_stopped_render_server_leaves_no_process_and_a_job_that_goes_on(
    begin, imvar, project, tmp_path, number
):
    env = {"IMVAR_HOME": str(tmp_path / "home")}
    out = tmp_path / "night.mp4"
    assert imvar("queue", "add", project, "--out", out, *OPTIONS, cwd=tmp_path, env=env).code == 0
    with begin("queue", "run", "--json", cwd=tmp_path, env=env, start_new_session=True) as process:
        wait_for(process, "made")
        children = psutil.Process(process.pid).children(recursive=True)
        if number == signal.SIGINT:  # as in a terminal, whose processes all get it
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        rest, err = process.communicate(timeout=LONGEST)
    assert children
    assert all(is_gone(each) for each in children)
    kept = len(frames(project))
    assert 0 < kept < FRAMES
    said = imvar("queue", "list", "--json", cwd=tmp_path, env=env)
    (job,) = said.only("queue")["jobs"]
    if number == signal.SIGKILL:
        assert job["state"] == "interrupted"
        said = imvar("queue", "run", "--until-empty", cwd=tmp_path, env=env)
        assert said.code == 0
        assert said.out == (
            "Job 1 (night of night) was interrupted, go on with: imvar queue resume 1, or run "
            "with --auto.\n"
        )
    else:
        assert process.returncode == 130
        assert err == "\nStopping after this step; once more stops at once.\n"
        events = [json.loads(line) for line in rest.splitlines()]
        assert [each["event"] for each in events[-2:]] == ["aside", "stopped"]
        assert (job["state"], job["pictures"], job["of"]) == ("waiting", kept, FRAMES)
        assert job["attempts"] == 0
    said = imvar("queue", "run", "--auto", "--until-empty", "--json", cwd=tmp_path, env=env)
    assert (said.code, said.err) == (0, "")
    assert said.only("finished")["outputs"] == [str(out)]
    made = sum(each["event"] == "made" for each in said.events)
    # killed in between, a picture may stand on the disk and not yet in the journal
    assert made - (FRAMES - kept) in ((0, 1) if number == signal.SIGKILL else (0,))
    assert out.stat().st_size > 1000
