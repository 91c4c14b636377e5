"""How a row of the queue changes: pure functions from a row to the next, or a refusal."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from imvar_studio.jobs.events import Failed, Finished, Progress, Stopped, Waiting
from imvar_studio.jobs.queued import ENDED, Owner, Request, State, Urgency, owner_of, refuse
from imvar_studio.model.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imvar_studio.store.queue_db import QueueRow

PAUSED, RESUMED, CANCELLED, RETRIED = "paused", "resumed", "cancelled", "retried"
_DIED = "the program that ran it ended before it was done"
_LEADS: dict[str, dict[State, State]] = {
    PAUSED: dict.fromkeys((State.WAITING, State.INTERRUPTED, State.PAUSED), State.PAUSED),
    RESUMED: dict.fromkeys((State.PAUSED, State.INTERRUPTED, State.WAITING), State.WAITING),
    CANCELLED: dict.fromkeys(
        (State.WAITING, State.PAUSED, State.INTERRUPTED, State.CANCELLED), State.CANCELLED
    ),
    RETRIED: dict.fromkeys((State.FAILED, State.CANCELLED), State.WAITING),
}
# what a running job is asked for instead
_ASKS = {PAUSED: Request.PAUSE, RESUMED: Request.NONE, CANCELLED: Request.CANCEL}
_GRANTED = {Request.PAUSE: State.PAUSED, Request.CANCEL: State.CANCELLED}


def lead(row: QueueRow, verb: str, now: float, back: int) -> QueueRow:
    """Return the row after a user's word.

    Args:
        verb: `PAUSED`, `RESUMED`, `CANCELLED` or `RETRIED`.
        now: seconds since 1970.
        back: the position behind all others, for a job that is retried.

    Raises:
        StoreError: if its state does not allow that.
    """
    state = State(row.state)
    if state is State.RUNNING and verb in _ASKS:
        if row.request == Request.CANCEL and verb != CANCELLED:
            message = f"job {row.id} is being cancelled and cannot be {verb}"
            raise StoreError(message, "retry it when it has stopped")
        return replace(row, request=_ASKS[verb])
    if state not in _LEADS[verb]:
        raise refuse(row, verb)
    if verb == RETRIED:
        row = replace(row, position=back, attempts=0, seconds_left=None, ended=None)
    return _put(row, _LEADS[verb][state], now)


def claimed(row: QueueRow, owner: Owner, now: float) -> QueueRow:
    """Return a waiting row as its new owner runs it."""
    return replace(
        row,
        state=State.RUNNING,
        request=Request.NONE,
        host=owner.host,
        pid=owner.pid,
        born=owner.born,
        heartbeat=now,
        attempts=row.attempts + 1,
        message="",
        remedy="",
        started=now,
        ended=None,
    )


def reported(row: QueueRow, event: Progress | Waiting | None, now: float) -> QueueRow:
    """Return a running row after a sign of life."""
    # interrupted: it was taken for dead, by a changed clock or after a sleep of the machine
    row = replace(row, state=State.RUNNING, heartbeat=now)
    match event:
        case Progress():
            left = event.seconds_left
            return replace(
                row, pictures=event.pictures, of=event.of, seconds_left=left, message="", remedy=""
            )
        case Waiting(text):
            return replace(row, message=text, remedy="", seconds_left=None)
        case None:
            return row


def finished(row: QueueRow, end: Finished, now: float) -> QueueRow:
    """Return a row whose job is done."""
    row = replace(row, message=end.text, remedy="", pictures=row.of, seconds_left=None)
    row = replace(row, outputs=json.dumps(end.outputs), request=Request.NONE)
    return replace(row, state=State.FINISHED, ended=now)


def failed(row: QueueRow, end: Failed, now: float) -> QueueRow:
    """Return a row whose job failed."""
    row = replace(row, message=end.message, remedy=end.remedy, seconds_left=None)
    return replace(row, request=Request.NONE, state=State.FAILED, ended=now)


def stopped(row: QueueRow, end: Stopped | None, otherwise: State, now: float) -> QueueRow:
    """Return a row whose job stopped as it was asked to; `otherwise` where it was not asked."""
    request = Request(row.request)
    if end is not None:
        row = replace(row, pictures=end.kept, of=end.of)
    # a stop that was wished for is no failed attempt
    row = replace(row, attempts=max(row.attempts - 1, 0), message="", remedy="")
    return _put(row, _GRANTED.get(request, otherwise), now)


def died(row: QueueRow, now: float) -> QueueRow:
    """Return a running row whose owner is gone; what was asked of it is granted."""
    state = _GRANTED.get(Request(row.request), State.INTERRUPTED)
    row = _put(row, state, now)
    return replace(row, message=_DIED) if state is State.INTERRUPTED else row


def placed(rows: Iterable[QueueRow], row: QueueRow, target: QueueRow) -> list[QueueRow]:
    """Return the rows whose positions change when `row` goes right before `target`.

    Raises:
        StoreError: if they differ in urgency, which decides first.
    """
    if row.urgency != target.urgency:
        first, second = (Urgency(each.urgency).name.lower() for each in (row, target))
        raise StoreError(
            f"job {row.id} is {first} and job {target.id} is {second}",
            "give them the same urgency first",
        )
    if row.id == target.id:
        return []
    order = sorted(rows, key=lambda each: (each.position, each.id))
    order = [each for each in order if each.id != row.id]
    order.insert(order.index(target), row)
    return [
        replace(each, position=number)
        for number, each in enumerate(order)
        if each.position != number
    ]


def front(rows: Sequence[QueueRow]) -> int:
    """Return the position before all."""
    return min((row.position for row in rows), default=1) - 1


def back(rows: Sequence[QueueRow]) -> int:
    """Return the position behind all."""
    return max((row.position for row in rows), default=-1) + 1


def active(row: QueueRow, verb: str) -> QueueRow:
    """Return a row that has not ended.

    Raises:
        StoreError: saying that it cannot be `verb`, a participle.
    """
    if row.state in ENDED:
        raise refuse(row, verb)
    return row


def is_orphan(row: QueueRow, asking: Owner, now: float) -> bool:
    """Tell whether a row is running and whoever runs it is gone; `asking` is there."""
    known = owner_of(row)
    if row.state != State.RUNNING or known is None:
        return row.state == State.RUNNING
    return not known.is_same(asking) and known.is_dead(row.heartbeat, asking.host, now)


def is_run_by(row: QueueRow, owner: Owner) -> bool:
    """Tell whether a row is still the owner's: nobody has resumed or cancelled it meanwhile."""
    known = owner_of(row)
    running = row.state in (State.RUNNING, State.INTERRUPTED)
    return running and known is not None and known.is_same(owner)


def _put(row: QueueRow, state: State, now: float) -> QueueRow:
    ended = (row.ended or now) if state in ENDED else None
    row = replace(row, state=state, request=Request.NONE, ended=ended, seconds_left=None)
    if state in (State.WAITING, State.CANCELLED):
        row = replace(row, message="", remedy="", host="", pid=0, born=0.0)
    return row
