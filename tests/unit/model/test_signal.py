"""Signals call every slot once, whatever the slots do."""

from __future__ import annotations

import pytest

from imvar_studio.model.signal import Signal


def test_slots_are_called_in_order_with_what_is_emitted() -> None:
    signal: Signal[int, str] = Signal()
    heard: list[object] = []
    signal.connect(lambda number, text: heard.append((1, number, text)))
    signal.connect(lambda number, text: heard.append((2, number, text)))
    signal.emit(7, "owl")
    assert heard == [(1, 7, "owl"), (2, 7, "owl")]
    Signal[()]().emit()


def test_what_connect_returns_disconnects() -> None:
    signal: Signal[int] = Signal()
    heard: list[int] = []
    first, second = signal.connect(heard.append), signal.connect(heard.append)
    signal.emit(1)
    first()
    first()
    signal.emit(2)
    second()
    signal.emit(3)
    assert heard == [1, 1, 2]


def test_a_slot_may_disconnect_itself_and_others_on_the_way() -> None:
    signal: Signal[int] = Signal()
    heard: list[str] = []

    def once(_: int) -> None:
        heard.append("once")
        leave()
        drop_last()

    leave = signal.connect(once)
    signal.connect(lambda _: heard.append("stays"))
    drop_last = signal.connect(lambda _: heard.append("dropped"))
    signal.emit(1)
    signal.emit(2)
    assert heard == ["once", "stays", "stays"]


def test_a_slot_connected_on_the_way_hears_the_next_emission() -> None:
    signal: Signal[int] = Signal()
    heard: list[int] = []

    def add(_: int) -> None:
        leave()
        signal.connect(heard.append)

    leave = signal.connect(add)
    signal.emit(1)
    assert heard == []
    signal.emit(2)
    assert heard == [2]


def test_a_failing_slot_keeps_no_other_from_being_called() -> None:
    signal: Signal[int] = Signal()
    heard: list[int] = []

    def fail(number: int) -> None:
        raise ValueError(f"first {number}")

    def fail_too(number: int) -> None:
        raise KeyError(number)

    for slot in (fail, heard.append, fail_too, heard.append):
        signal.connect(slot)
    with pytest.raises(ValueError, match="first 3") as caught:
        signal.emit(3)
    assert heard == [3, 3]
    assert caught.value.__notes__ == ["another slot failed too: KeyError(3)"]


def test_one_error_raised_twice_is_no_note_of_itself() -> None:
    signal: Signal[int] = Signal()
    error = ValueError("same")

    def fail(_: int) -> None:
        raise error

    signal.connect(fail)
    signal.connect(fail)
    with pytest.raises(ValueError, match="same"):
        signal.emit(1)
    assert not hasattr(error, "__notes__")


def test_a_blocked_signal_drops_what_is_emitted() -> None:
    signal: Signal[int] = Signal()
    heard: list[int] = []
    signal.connect(heard.append)
    with signal.blocked():
        with signal.blocked():
            signal.emit(1)
        signal.emit(2)
    signal.emit(3)
    with pytest.raises(RuntimeError), signal.blocked():
        raise RuntimeError
    signal.emit(4)
    assert heard == [3, 4]
