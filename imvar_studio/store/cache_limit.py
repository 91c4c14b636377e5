"""How large a project's caches may grow."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from imvar_studio.store.locks import takes_in_use

if TYPE_CHECKING:
    from imvar_studio.model.settings import Settings
    from imvar_studio.store.project_folder import ProjectFolder

_SLACK = 5.0  # seconds that the clocks of a program and of a network's disk may differ


def trim_caches(project: ProjectFolder, settings: Settings) -> int:
    """Keep a project's cache within the user's limit, after a render or while none runs.

    What was used since the oldest take in use began stays, so that no render loses what it
    still wants. Nothing the system refuses is an error here.

    Returns:
        The bytes that came free.
    """
    began = [holder.began for holder in takes_in_use(project).values()]
    return project.cache.trim(settings.cache_limit, min(began, default=time.time()) - _SLACK)
