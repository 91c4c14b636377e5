"""What a project's earlier renders took, as their journals tell it."""

from __future__ import annotations

import logging
import time
from itertools import groupby
from statistics import median_low
from typing import TYPE_CHECKING, Any

from imvar_studio.model.codec import decode
from imvar_studio.model.errors import FormatError, UserError
from imvar_studio.model.recipe import Recipe
from imvar_studio.store.journal import Journal, JournalRecord
from imvar_studio.store.strict_json import read_json
from imvar_studio.store.takes import JOURNAL_FILE, PLAN_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imvar_studio.plan.plan import Plan
    from imvar_studio.store.project_folder import ProjectFolder

_log = logging.getLogger(__name__)
# How far back is looked: newest takes, pictures of each, bytes of a plan, seconds in all.
_TAKES, _PICTURES, _PLAN_BYTES, _SECONDS = 5, 400, 16 * 2**20, 1.0


def measured(  # noqa: PLR0913  (what is rendered, with what, and what that costs)
    project: ProjectFolder,
    plan: Plan,
    fingerprint: str,
    cost: Callable[[Recipe], float],
    batch: int | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> float | None:
    """Return the seconds a unit of cost took in the project's newest takes, None without any.

    Only pictures of the plan's model and size that were made with the same numerics count; the
    median of their chunks is taken.

    Args:
        project: whose takes are searched, for about a second.
        plan: what is to be rendered.
        fingerprint: of the numerics it will be rendered with.
        cost: of the chunk that a recipe is rendered in, in any unit, above 0.
        batch: pictures that are computed at once; None is the plan's.
        clock: seconds, rising.
    """
    until = clock() + _SECONDS
    rates: list[float] = []
    for take in _newest_takes(project):
        if clock() > until:
            break
        try:
            rates += _rates(take, plan, fingerprint, cost, batch or plan.batch)
        except UserError as error:
            _log.warning("a take is left out of the estimate: %s", error)
    # the lower of two: a render's first chunk has the model's warming up in it
    return median_low(rates) if rates else None


def _rates(
    take: Path, plan: Plan, fingerprint: str, cost: Callable[[Recipe], float], batch: int
) -> list[float]:
    """Return the seconds that a unit of cost took in each of a take's last chunks.

    Raises:
        UserError: for a journal or a plan that does not read.
    """
    records = Journal(take / JOURNAL_FILE).records()
    alike = [record for record in records if record.fingerprint == fingerprint]
    chunks = list(_chunks(alike[-_PICTURES:], batch))
    recipes = _recipes(take, plan, {chunk[0].recipe for chunk in chunks})
    like = plan.pictures[0].recipe
    found: list[float] = []
    for chunk in chunks:
        recipe = recipes.get(chunk[0].recipe)
        if recipe is not None and (recipe.model, recipe.size) == (like.model, like.size):
            found.append(chunk[0].seconds * len(chunk) / cost(recipe))
    return found


def _newest_takes(project: ProjectFolder) -> list[Path]:
    """Return the folders of the takes that were rendered last, the newest first."""
    try:
        times = {
            path.parent: path.stat().st_mtime
            for path in project.takes.glob(f"*/{JOURNAL_FILE}")
            if not path.parent.name.startswith(".")  # being removed
        }
    except OSError as error:
        _log.warning("takes are left out of the estimate: %s", error)
        return []
    return sorted(times, key=lambda take: times[take], reverse=True)[:_TAKES]


def _chunks(records: list[JournalRecord], batch: int) -> Iterator[list[JournalRecord]]:
    """Yield the records of each chunk: its pictures stand together and share its time equally."""
    for _, group in groupby(records, lambda record: record.seconds):
        run = list(group)
        for begin in range(0, len(run), batch):
            yield run[begin : begin + batch]


def _recipes(take: Path, plan: Plan, wanted: set[str]) -> dict[str, Recipe]:
    """Return the recipes of `wanted`, by digest, from the plan at hand or the take's own.

    Raises:
        UserError: for a plan that does not read.
    """
    known = {each.digest: each.recipe for each in plan.pictures if each.digest in wanted}
    missing = wanted - known.keys()
    if not missing:
        return known
    data: Any = read_json(take / PLAN_FILE, _PLAN_BYTES)
    try:
        listed = {each["digest"]: each["recipe"] for each in data["plan"]["pictures"]}
    except (KeyError, TypeError) as error:
        raise FormatError(f"{take / PLAN_FILE} is not a plan") from error
    return known | {name: decode(listed[name], Recipe) for name in missing & listed.keys()}
