"""Messages between the program and its worker: what is sent arrives, anything else is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imvar_studio.jobs.estimate import Estimate
from imvar_studio.jobs.events import (
    Estimated,
    Failed,
    Finished,
    Made,
    Making,
    Note,
    Preview,
    Progress,
    Stopped,
    Waiting,
)
from imvar_studio.jobs.tasks import EstimateTask, FilmTask, PicturesTask, ProbeTask
from imvar_studio.jobs.wire import (
    Beat,
    Began,
    Cancel,
    Ended,
    Quit,
    Ready,
    Run,
    Said,
    WorkerOptions,
    Yield,
    command_bytes,
    command_of,
    report_bytes,
    report_of,
)
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.errors import FormatError
from imvar_studio.model.film_export import FilmExport
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import FilmWork
from imvar_studio.model.recipe import ModelRef
from imvar_studio.model.source import Size
from imvar_studio.model.specs import FilmSpec, PicturesSpec
from imvar_studio.plan.pictures import pictures

MODEL = ModelRef("tiny", "ab" * 32)
# a name of bytes that are no text, as Python reads it from a disk
ODD = "/films/\udcff\n\x00 ü"


def film_task() -> FilmTask:
    spec = FilmSpec(FilmWork("film", "Prompts: \u20ac \U0001f98a"), MODEL)
    return FilmTask("/a.imvar", spec, "tiny", ODD, overwrite=True)


def pictures_task() -> PicturesTask:
    spec = PicturesSpec(MODEL, (Weighted(Prompt("a fox")),), Size(64, 64), 7, 2)
    return PicturesTask("/a.imvar", pictures(spec), ("/1.png", ODD), "tiny")


def part_task() -> FilmTask:
    export = FilmExport(3, 8, scale=50, crf=30, preset="fast", codec="h265")
    return replace(film_task(), begin=5, redo_odd=True, export=export)


COMMANDS = [Run("7", film_task()), Run("now-1", pictures_task(), urgent=True),
            Run("now-2", part_task()), Run("now-3", replace(film_task(), frames_only=True)),
            Run("now-4", replace(film_task(), export=FilmExport(there_only=True))),
            Run("now-5", ProbeTask()), Run("now-6", ProbeTask("cuda:1", "fp16"), urgent=True),
            Run("now-7", EstimateTask(part_task())),
            Cancel("7"), Yield("7"), Quit()]  # fmt: skip
EVENTS = [
    Progress("denoising", 3, 9, 1, 4), Progress("encoding", 3, 9, 4, 4, 2.5),
    Estimated(Estimate(3, 4, 1.5, 10**10, 12)), Note('a "quoted"\nline \u2028'), Waiting("full"),
    Made("0" * 64, ODD), Preview(2, 1, b"\n{}\x00\xff\n", 1, 16),
    Preview(1, 1, b"abc", 2, 16, "0a" * 32), Making(("0" * 64, "1" * 64)),
]  # fmt: skip
REPORTS = [
    Ready(12), Beat(1.25, "denoising", 0.5), Beat(0.0), Began("7"),
    *(Said("7", event) for event in EVENTS),
    Ended("7", Finished((ODD, "/b"), "done", encoded=True)), Ended("7", Stopped(1, 2)),
    Ended("7", Failed("user", "it is odd", "make it even")),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: type(each).__name__)
def test_commands_arrive_as_they_were(command):
    assert command_of(command_bytes(command)) == command


@pytest.mark.parametrize("report", REPORTS, ids=repr)
def test_reports_arrive_as_they_were(report):
    assert report_of(report_bytes(report)) == report


def test_options_arrive_as_they_were():
    options = WorkerOptions(12, 3, 0.5)
    assert decode(encode(options), WorkerOptions) == options


def test_a_previews_pixels_are_sent_as_they_are():
    pixels = bytes(range(256)) * 3
    data = report_bytes(Said("7", Preview(16, 16, pixels, 1, 2)))
    assert data.endswith(b"}\n" + pixels)
    assert len(data) < len(pixels) + 200


@given(st.integers(1, 5), st.integers(1, 5), st.data())
def test_any_pixels_arrive(width, height, data):
    size = width * height * 3
    pixels = data.draw(st.binary(min_size=size, max_size=size))
    said = Said("x", Preview(width, height, pixels, 0, 1))
    assert report_of(report_bytes(said)) == said


def changed(report: Any, **fields: Any) -> bytes:
    line, end, payload = report_bytes(report).partition(b"\n")
    content = json.loads(line) | fields
    return json.dumps(content).encode() + end + payload


GLIMPSE = Said("7", Preview(2, 1, bytes(6), 1, 16))


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"hello\n", b"[]\n", b"null\n", b'"ready"\n', b"{}\n", b"\xff\xfe\n",
     b'{"kind":"ready","pid":1}', b'{"kind":"ready","pid":1}\nmore', b'{"kind":"ready"}\n',
     b'{"kind":"ready","pid":1.5}\n', b'{"kind":"ready","pid":"1"}\n',
     b'{"kind":"ready","pid":true}\n', b'{"kind":"ready","pid":1,"x":2}\n',
     b'{"kind":["ready"],"pid":1}\n', b'{"kind":"run","job":"7"}\n', b'{"kind":"quit"}\n',
     b'{"kind":"beat","time":NaN}\n', b'{"kind":"beat","time":Infinity}\n',
     b'{"kind":"said","job":"7","event":{"kind":"finished","outputs":[]}}\n',
     b'{"kind":"ended","job":"7","end":{"kind":"note","text":""}}\n',
     b'{"kind":"said","job":"7","event":{"kind":"note"}}\n',
     b'{"kind":"said","job":"7","event":"note"}\n',
     b"[" * 100_000 + b"\n",
     changed(GLIMPSE, width=3), changed(GLIMPSE, width=0), changed(GLIMPSE, width=-2, height=-1),
     changed(GLIMPSE, height=10**9), changed(GLIMPSE, pixels="")],
    ids=range(30),
)  # fmt: skip
def test_other_bytes_are_no_report(data):
    with pytest.raises(FormatError):
        report_of(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}\n", b'{"kind":"stop"}\n', b'{"kind":"quit"}\n\n', b'{"kind":"cancel"}\n',
     b'{"kind":"cancel","job":7}\n', b'{"kind":"ready","pid":1}\n', b'{"kind":"run","job":"7"}\n',
     b'{"kind":"run","job":"7","of":{"kind":"poem","task":{}}}\n',
     b'{"kind":"run","job":"7","of":{"kind":"film-task","task":{}}}\n',
     command_bytes(COMMANDS[0]).replace(b'"/a.imvar"', b'"a.imvar"'),
     command_bytes(COMMANDS[1]).replace(b'"urgent":true', b'"urgent":1')],
    ids=range(12),
)  # fmt: skip
def test_other_bytes_are_no_command(data):
    with pytest.raises(FormatError):
        command_of(data)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data):
    for read in (report_of, command_of):
        try:
            read(data)
        except FormatError:
            continue


def test_a_number_that_json_has_no_form_for_is_not_sent():
    with pytest.raises(ValueError, match="JSON"):
        report_bytes(Beat(float("nan")))
