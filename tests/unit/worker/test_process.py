"""The worker process's own decisions, as the program's thread meets them."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from imvar_studio.jobs.events import Failed, Finished, Note, Preview
from imvar_studio.jobs.render_events import Started
from imvar_studio.jobs.render_thread import Options, RenderThread
from imvar_studio.worker.context import WorkerContext
from imvar_studio.worker.desk import Desk
from tests.unit.jobs import fake_workers as fakes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_load_that_failed_once_is_tried_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMVAR_HOME", str(tmp_path))
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    heard: list[Any] = []
    done = threading.Event()

    def listen(key: str, what: Any) -> None:
        heard.append(what)
        if isinstance(what, Started):
            gate.open("w").close()  # from here on it may fail
        if isinstance(what, (Failed, Finished)):
            done.set()

    thread = RenderThread(fakes.loads_the_second_time, None, listen, Options(early=False))
    thread.start()
    thread.submit(fakes.task("film 1"))
    assert done.wait(60), heard
    assert thread.close()
    assert heard[-1] == Finished(("film 1",), "done")
    said = [each.text for each in heard if isinstance(each, Note)]
    assert "keeps the worker from starting, the details are in the-log." in said[0]
    assert said[1].endswith("It is tried again from there.")


@pytest.mark.parametrize("previews", [True, False])
def test_previews_are_made_only_where_someone_sees_them(previews: bool) -> None:
    sent: list[Any] = []
    context = WorkerContext("7", Desk(), sent.append, previews=previews)
    assert context.wants_preview() is previews
    context.step(Preview(1, 1, bytes(3), 1, 2))
    assert len(sent) == previews
