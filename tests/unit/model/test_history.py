"""Whatever is edited, all of it can be undone and redone, and every value can be saved."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from imvar_studio.model import keyframe_edits as keys
from imvar_studio.model import timeline_edits as times
from imvar_studio.model import track_edits as tracks
from imvar_studio.model.codec import decode, encode
from imvar_studio.model.document import Document
from imvar_studio.model.edits import edit_timeline
from imvar_studio.model.errors import SpecError
from imvar_studio.model.look import Prompt, Weighted
from imvar_studio.model.project import FilmWork, Project
from imvar_studio.model.timeline import Keyframe, Marker, Timeline

Edit = Callable[[Timeline], Timeline]
LOOKS = (Weighted(Prompt("an owl")),)
ids = st.sets(st.integers(1, 5).map(lambda n: f"key-{n}"))
seconds = st.integers(0, 40).map(lambda n: n / 4)
deltas = st.integers(-20, 20).map(lambda n: n / 4)


class Editing(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.first = Project((FilmWork("film"),))
        self.document = Document(self.first)

    def edit(self, edit: Edit, merge_key: object = None) -> None:
        with contextlib.suppress(SpecError):  # refused: nothing changes
            after = edit_timeline(self.document.project, "film", edit)
            self.document.apply("Edit", after, merge_key)

    @rule(time=seconds)
    def insert(self, time: float) -> None:
        self.edit(lambda t: keys.insert(t, [Keyframe("new", time, LOOKS)])[0])

    @rule(chosen=ids, delta=deltas, key=st.none() | st.just("drag"))
    def move(self, chosen: set[str], delta: float, key: str | None) -> None:
        self.edit(partial(keys.move, ids=chosen, delta=delta), key)

    @rule(chosen=ids)
    def remove(self, chosen: set[str]) -> None:
        self.edit(partial(keys.remove, ids=chosen))

    @rule(time=seconds, delta=deltas)
    def ripple(self, time: float, delta: float) -> None:
        self.edit(partial(times.ripple, time=time, delta=delta))

    @rule(begin=seconds, end=seconds)
    def trim(self, begin: float, end: float) -> None:
        self.edit(partial(times.trim, begin=begin, end=end))

    @rule(time=seconds)
    def mark(self, time: float) -> None:
        self.edit(partial(times.put_marker, marker=Marker(time)))

    @rule(name=st.sampled_from(tracks.PRESETS), end=st.floats(0, 1))
    def course(self, name: str, end: float) -> None:
        self.edit(partial(tracks.put_track, track=tracks.preset(name, "eta", 8, (0, end))))

    @rule()
    def undo(self) -> None:
        self.document.undo()

    @rule()
    def redo(self) -> None:
        self.document.redo()

    @invariant()
    def is_valid(self) -> None:
        project = self.document.project
        assert decode(json.loads(json.dumps(encode(project))), Project) == project

    def teardown(self) -> None:
        last = self.document.steps[-1].project
        while self.document.can_undo:
            self.document.undo()
        assert self.document.project is self.first
        while self.document.can_redo:
            self.document.redo()
        assert self.document.project is last


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
