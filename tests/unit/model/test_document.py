"""The document: steps, gestures, undo to the very first value, what is saved."""

from __future__ import annotations

import itertools

import pytest

from imvar_studio.model.document import MOST_UNDO, Change, Document, Step
from imvar_studio.model.project import FilmWork, Project, UnknownWork

ZOOM = UnknownWork("zoom", '{"kind": "zoom-work"}')


def named(name: str) -> Project:
    return Project((FilmWork("film", name), ZOOM))


FIRST, A, B, C = map(named, ("", "a", "b", "c"))


def names(document: Document) -> list[str]:
    return [step.name for step in document.steps]


def test_a_new_document_has_no_history() -> None:
    document = Document(FIRST)
    assert document.project is FIRST
    assert document.steps == (Step("", FIRST),)
    assert (document.step, document.can_undo, document.can_redo) == (0, False, False)
    assert (document.undo_name, document.redo_name) == ("", "")
    document.undo()
    document.redo()
    assert document.project is FIRST


def test_undo_and_redo_give_the_very_values() -> None:
    document = Document(FIRST)
    document.apply("A", A)
    document.apply("B", B)
    assert (document.undo_name, document.redo_name) == ("B", "")
    document.undo()
    assert document.project is A
    assert (document.undo_name, document.redo_name) == ("A", "B")
    document.undo()
    assert document.project is FIRST
    assert (document.can_undo, document.can_redo) == (False, True)
    document.redo()
    document.redo()
    assert document.project is B
    assert (document.can_undo, document.can_redo) == (True, False)


def test_an_equal_value_makes_no_step() -> None:
    document = Document(FIRST)
    heard: list[Change] = []
    document.changed.connect(heard.append)
    document.apply("Nothing", named(""))
    assert names(document) == [""]
    assert document.project is FIRST
    document.apply("A", A)
    document.undo()
    document.apply("Nothing", named(""))  # what can be redone stays
    assert document.redo_name == "A"
    assert len(heard) == 2


def test_an_edit_after_undo_drops_what_could_be_redone() -> None:
    document = Document(FIRST)
    document.apply("A", A)
    document.apply("B", B)
    document.undo()
    document.apply("C", C)
    assert names(document) == ["", "A", "C"]
    assert list(document.values()) == [FIRST, A, C]
    document.redo()
    assert document.project is C


def test_a_gesture_is_one_step() -> None:
    document, slider = Document(FIRST), object()
    for value in (A, B, C):
        document.apply("Strength", value, merge_key=slider)
    assert [step.project for step in document.steps] == [FIRST, C]
    document.undo()
    assert document.project is FIRST


@pytest.mark.parametrize("end", ["end_merge", "undo and redo", "other key", "no key", "go_to"])
def test_what_ends_a_gesture(end: str) -> None:
    document = Document(FIRST)
    document.apply("S", A, merge_key="s")
    if end == "end_merge":
        document.end_merge()
    elif end == "undo and redo":
        document.undo()
        document.redo()
    elif end == "go_to":
        document.go_to(document.step)
    else:
        document.apply("Other", C, merge_key="t" if end == "other key" else None)
    document.apply("S", B, merge_key="s")
    values = [step.project for step in document.steps]
    assert values == ([FIRST, A, C, B] if end in ("other key", "no key") else [FIRST, A, B])


def test_edits_without_a_key_never_merge() -> None:
    document = Document(FIRST)
    document.apply("A", A)
    document.apply("A", B)
    assert names(document) == ["", "A", "A"]


def test_a_gesture_back_to_its_beginning_leaves_no_step() -> None:
    document = Document(FIRST)
    document.apply("Before", A, merge_key="s")
    document.end_merge()
    document.apply("S", B, merge_key="s")
    document.apply("S", named("a"), merge_key="s")
    assert names(document) == ["", "Before"]
    assert document.project is A
    document.apply("S", C, merge_key="s")  # on again: a step of its own
    assert names(document) == ["", "Before", "S"]
    assert [step.project for step in document.steps] == [FIRST, A, C]


def test_saving_in_a_gesture_does_not_part_it() -> None:
    document = Document(FIRST)
    document.apply("S", A, merge_key="s")
    document.saved(A)
    document.apply("S", B, merge_key="s")
    assert list(document.values()) == [FIRST, B]
    assert not document.is_saved


def test_so_many_values_are_kept() -> None:
    document = Document(FIRST)
    made = [named(str(number)) for number in range(MOST_UNDO + 10)]
    for project in made:
        document.apply("Name", project)
    assert MOST_UNDO == 500
    assert len(document.steps) == MOST_UNDO + 1
    for _ in range(MOST_UNDO):
        assert document.can_undo
        document.undo()
    assert not document.can_undo
    assert document.project is made[9]
    document.go_to(MOST_UNDO)
    assert document.project is made[-1]


def test_all_is_undone_where_the_limit_is_not_passed() -> None:
    document = Document(FIRST)
    for number in range(MOST_UNDO):
        document.apply("Name", named(str(number)))
    document.go_to(0)
    assert document.project is FIRST


def test_any_step_can_be_gone_to() -> None:
    document = Document(FIRST)
    for project in (A, B, C):
        document.apply("Name", project)
    heard: list[Change] = []
    document.changed.connect(heard.append)
    document.go_to(1)
    assert (document.project, document.step) == (A, 1)
    document.go_to(1)
    assert heard == [Change(C, A)]
    assert len(document.steps) == 4
    for wrong in (-1, 4):
        with pytest.raises(IndexError, match=rf"step must be in \[0, 3\], got {wrong}"):
            document.go_to(wrong)


def test_views_hear_what_was_and_what_is() -> None:
    document = Document(FIRST)
    heard: list[Change] = []
    document.changed.connect(heard.append)
    document.apply("A", A)
    document.undo()
    document.redo()
    pairs = [(change.before, change.after) for change in heard]
    for found, expected in zip(pairs, [(FIRST, A), (A, FIRST), (FIRST, A)], strict=True):
        assert found[0] is expected[0]
        assert found[1] is expected[1]
    assert heard[0].touches("film")
    assert not heard[0].touches("zoom")
    assert not heard[0].touches("none")
    assert Change(FIRST, Project()).touches("zoom")
    assert Change(Project(), FIRST).touches("zoom")


def test_what_is_saved() -> None:
    document = Document(FIRST)
    heard: list[bool] = []
    document.saved_changed.connect(heard.append)
    assert not document.is_saved
    document.saved(FIRST)
    document.saved(FIRST)
    document.apply("A", A)
    document.apply("B", B)
    document.saved(A)  # written while the next edit was made
    assert not document.is_saved
    document.undo()
    assert document.is_saved
    document.apply("By hand", FIRST)
    document.apply("Back", named("a"))  # equal, if not the same
    assert document.is_saved
    assert heard == [True, False, True, False, True]


def test_a_document_may_begin_saved() -> None:
    assert Document(FIRST, saved=named("")).is_saved
    assert not Document(FIRST, saved=A).is_saved


def test_a_slot_cannot_edit_and_the_change_stands() -> None:
    document = Document(FIRST)
    counter = itertools.count()
    saved: list[bool] = []
    document.saved_changed.connect(saved.append)
    document.saved(FIRST)
    leave = document.changed.connect(lambda _: document.apply("x", named(f"x{next(counter)}")))
    with pytest.raises(RuntimeError, match="must not make another"):
        document.apply("A", A)
    assert document.project is A
    assert saved == [True, False]
    leave()
    leave = document.changed.connect(lambda _: document.undo())
    with pytest.raises(RuntimeError, match="must not make another"):
        document.apply("B", B)
    leave()
    document.changed.connect(lambda change: document.apply("same", change.after))  # no change
    document.apply("C", C)
    assert names(document) == ["", "A", "B", "C"]
