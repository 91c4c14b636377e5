"""Memory: what is tried when it is used up, and the sentence for when nothing helps."""

from __future__ import annotations

import gc
import logging
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from imvar_studio.engine.out_of_memory import memory_used_up
from imvar_studio.jobs.events import Note
from imvar_studio.model.errors import OutOfMemoryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from imvar_studio.engine.renderer import Renderer
    from imvar_studio.jobs.context import JobContext
    from imvar_studio.plan.plan import Plan

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Fallback:
    """The steps down when memory is used up: half the batch, down to 1, then tiles.

    Each is said, and stands in the fingerprint of the pictures that are made after it.

    Args:
        renderer: of the job alone; it is told to use tiles.
        plan: whose batch is the first that is tried.
        ctx: hears what is tried.
    """

    def __init__(self, renderer: Renderer, plan: Plan, ctx: JobContext) -> None:
        self.plan = plan
        self.batch = plan.batch
        self._renderer = renderer
        self._size = plan.pictures[0].recipe.size
        self._ctx = ctx
        self._tiled: set[str] = set()  # stages

    @property
    def fingerprint(self) -> str:
        """The numerics that pictures rendered now have."""
        return self._renderer.fingerprint(self.batch)

    def attempt(self, work: Callable[[], T], *, batched: bool = True) -> T:
        """Return what `work` does, done again after each step down.

        Args:
            work: reads `batch` anew each time.
            batched: False where the batch changes nothing: for pictures that are led back to
                noise, one by one.

        Raises:
            OutOfMemoryError: if it is used up even after the last step.
        """
        while True:
            try:
                return work()
            except (MemoryError, RuntimeError) as error:
                if not memory_used_up(error):
                    raise
            # out of the handler: the error holds all tensors of the calls it came through
            free_memory()
            self._step_down(batched=batched)

    def _step_down(self, *, batched: bool) -> None:
        stage = "decode" if batched else "encode"
        if batched and self.batch > 1:
            self.batch //= 2
            pictures = "picture" if self.batch == 1 else "pictures"
            text = f"The memory was used up: going on with {self.batch} {pictures} at once."
        elif stage not in self._tiled:
            self._tiled.add(stage)
            self._renderer.use_tiles(stage)
            text = "The memory was used up: going on in tiles."
        else:
            raise OutOfMemoryError(
                f"the memory does not hold one picture of {self._size}, not even in tiles",
                "choose a smaller size, or close other programs",
            )
        _log.warning("memory was used up, going on with numerics %s", self.fingerprint)
        self._ctx.step(Note(f"{text} Pictures made so may differ slightly from the others."))


def too_large(what: str) -> OutOfMemoryError:
    """Return the error for what has no smaller form: loading a model."""
    return OutOfMemoryError(
        f"the memory does not hold {what}",
        "close other programs, choose a smaller model, or --device cpu where a GPU is too small",
    )


def free_memory() -> None:
    """Give back what is held without need."""
    gc.collect()
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
