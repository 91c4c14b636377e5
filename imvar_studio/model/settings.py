"""What the user decides once for all projects."""

from __future__ import annotations

from dataclasses import dataclass

from imvar_studio.model import checks

_MOST_BYTES = 10**15


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's settings; a default, once published, is never changed.

    Args:
        cache_limit: bytes that a project's cache may take, in [0, 10**15].
        worker_niceness: of the process that renders, in [0, 19]; 0 competes with everything
            else on the machine.
        debug_log: whether the logs say more than warnings, prompts included.
    """

    cache_limit: int = 5_000_000_000
    worker_niceness: int = 10
    debug_log: bool = False

    def __post_init__(self) -> None:
        checks.integer(self.cache_limit, "cache-limit", 0, _MOST_BYTES)
        checks.integer(self.worker_niceness, "worker-niceness", 0, 19)
        checks.flag(self.debug_log, "debug-log")
