"""What the export dialog needs of the render desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imvar_studio.jobs.estimate import Estimate
    from imvar_studio.jobs.events import Failed
    from imvar_studio.model.film_export import FilmExport


class ExportDesk(Protocol):
    """Exports films, and knows what that takes."""

    def export(
        self, target: Path, export: FilmExport, *, overwrite: bool, keep_prompts: bool
    ) -> None:
        """Export the film."""

    def estimate(
        self,
        export: FilmExport | None,
        done: Callable[[Estimate], None],
        failed: Callable[[Failed], None],
    ) -> None:
        """Find out what an export takes."""
