"""What renders, in a few words: the model, the device, the memory."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import psutil

from imvar_studio.jobs.estimate import size
from imvar_studio.jobs.natural import remembered
from imvar_studio.ui.model_names import model_names
from imvar_studio.ui.state import State

if TYPE_CHECKING:
    from imvar_studio.ui.background import Lanes

_log = logging.getLogger(__name__)


class MachineWatch:
    """Looks at what renders, in a lane, one look at a time.

    Args:
        lanes: where it looks.

    Attributes:
        words: what it saw last: "Starter · CPU bf16 · 1.9 GB".
    """

    def __init__(self, lanes: Lanes) -> None:
        self.words: State[str] = State("")
        self._lanes = lanes
        self._looking = False
        self._known: dict[str, str] = {}  # model: what does not change while it renders

    def look(self, model: str) -> None:
        """Look again at the memory; at the rest only where it is not known yet.

        Args:
            model: of the film, an id or a path; "" leaves it out.
        """
        if self._looking:
            return
        self._looking, known = True, self._known

        def work() -> str:
            if model not in known:
                words, is_known = what_renders(model)
                if is_known:
                    known[model] = words
            else:
                words = known[model]
            memory = worker_memory()
            return " · ".join(filter(None, (words, size(memory) if memory else "")))

        self._lanes.run("machine", work, self._saw, self._failed)

    def forget(self) -> None:
        """Look at everything anew from now on: the machine was found to be another."""
        self._known = {}

    def _saw(self, words: str) -> None:
        self._looking = False
        self.words.set(words)

    def _failed(self, error: Exception) -> None:
        self._looking = False
        _log.warning("the machine cannot be looked at: %s", error)


def what_renders(model: str) -> tuple[str, bool]:
    """Return "Starter · CPU bf16", and whether all of it is known; looks at the disk.

    Args:
        model: as in `MachineWatch.look`.
    """
    natural = remembered("", "")
    names = dict(model_names()) if model else {}
    parts = [names.get(model) or model.rsplit("/", 1)[-1]]
    if natural is not None:
        parts.append(f"{natural.device} {natural.precision}".strip())
    return " · ".join(filter(None, parts)), natural is not None


def worker_memory() -> int:
    """Return the resident bytes of the processes that this one started."""
    total = 0
    for child in psutil.Process().children(recursive=True):
        try:
            total += child.memory_info().rss
        except psutil.Error:  # it has just ended
            continue
    return total
