"""Where the project's media lie, found in the background so that no panel waits for the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imvar_studio.model.signal import Signal

if TYPE_CHECKING:
    from pathlib import Path

    from imvar_studio.model.document import Change
    from imvar_studio.ui.session import Session


class AssetFiles:
    """The files of a session's assets.

    Args:
        session: whose project's.

    Attributes:
        changed: files were found, or went missing.
    """

    def __init__(self, session: Session) -> None:
        self.changed: Signal[()] = Signal()
        self._session = session
        self._paths: dict[str, Path] = {}
        self._known = False
        self._disconnect = session.document.changed.connect(self._follow)
        self.look()

    def path(self, sha: str) -> Path | None:
        """Return an asset's file, None where it is missing or not yet found."""
        return self._paths.get(sha)

    def missing(self) -> frozenset[str]:
        """Return the assets whose files are not there; none before the first look is done."""
        if not self._known:
            return frozenset()
        return frozenset(
            entry.sha for entry in self._session.project.assets if entry.sha not in self._paths
        )

    def look(self) -> None:
        """Look at the disk again."""
        folder = self._session.folder.path / "assets"

        def find() -> dict[str, Path]:
            return (
                {path.stem: path for path in sorted(folder.glob("*.*"), reverse=True)}
                if folder.is_dir()
                else {}
            )

        self._session.lanes.run("assets", find, self._found, self._session.fail)

    def release(self) -> None:
        """Watch no more."""
        self._disconnect()

    def _found(self, paths: dict[str, Path]) -> None:
        if paths != self._paths or not self._known:
            self._paths, self._known = paths, True
            self.changed.emit()

    def _follow(self, change: Change) -> None:
        if change.before.assets is not change.after.assets:
            self.look()
