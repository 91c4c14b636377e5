"""A machine's memory, and the sentence for when it does not suffice."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from imvar_studio.model.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.plan.plan import Plan

_CPU_SAYS = ("can't allocate memory", "not enough memory")


@contextmanager
def enough_memory(plan: Plan) -> Iterator[None]:
    """Turn what says that memory is used up into a sentence with a remedy.

    Raises:
        SpecError: naming batch and size of `plan`.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _used_up(error):
            raise
        size = plan.pictures[0].recipe.size
        raise SpecError(
            f"the memory does not hold {plan.batch} pictures of {size} at once",
            "memory",
            "choose a smaller batch or size, or close other programs",
        ) from error


def _used_up(error: Exception) -> bool:
    # torch.OutOfMemoryError by its name: planning does not wait for torch
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return any(words in str(error) for words in _CPU_SAYS)
