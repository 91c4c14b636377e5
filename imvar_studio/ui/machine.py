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

    def look(self, model: str) -> None:
        """Look again; `model` as in `machine_words`."""
        if not self._looking:
            self._looking = True
            self._lanes.run("machine", lambda: machine_words(model), self._saw, self._failed)

    def _saw(self, words: str) -> None:
        self._looking = False
        self.words.set(words)

    def _failed(self, error: Exception) -> None:
        self._looking = False
        _log.warning("the machine cannot be looked at: %s", error)


def machine_words(model: str) -> str:
    """Return "Starter · CPU bf16 · 1.9 GB", as far as it is known; looks at the disk.

    Args:
        model: of the film, an id or a path; "" leaves it out.
    """
    natural = remembered("", "")
    names = dict(model_names()) if model else {}
    parts = [names.get(model) or model.rsplit("/", 1)[-1]]
    if natural is not None:
        parts.append(f"{natural.device} {natural.precision}".strip())
    memory = worker_memory()
    parts.append(size(memory) if memory else "")
    return " · ".join(filter(None, parts))


def worker_memory() -> int:
    """Return the resident bytes of the processes that this one started."""
    total = 0
    for child in psutil.Process().children(recursive=True):
        try:
            total += child.memory_info().rss
        except psutil.Error:  # it has just ended
            continue
    return total
