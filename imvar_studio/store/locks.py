"""Locks: one writer a project, one render a take.

A project at rest holds no lock files, and reading needs none.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from imvar_studio.store.atomic import make_folder
from imvar_studio.store.lock_file import LOCK, NOTE, SOFT, Holder, Lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imvar_studio.store.project_folder import ProjectFolder

_WRITER, _GATE = ".writer", ".clean"
LOCK_FILES = frozenset(_WRITER + ending for ending in (LOCK, SOFT, NOTE))


def project_lock(project: ProjectFolder, what: str) -> Lock:
    """Return the lock of a project's writer, not yet acquired.

    Whoever changes project.json holds it from before it loads until it has saved; reading
    needs none.

    Args:
        project: the folder.
        what: who wants it: `the window`, `imvar add`.
    """
    message = f"{project.path} is open for writing by {{holder}}"
    remedy = "close it there, or wait until it is done"
    return Lock(project.path / _WRITER, what, (message, remedy), project.file)


@contextmanager
def writer(project: ProjectFolder, what: str, wait: float = 0.0) -> Iterator[Lock]:
    """Hold the lock of a project's writer for a `with` block.

    Args:
        project: the folder.
        what: as in `project_lock`.
        wait: seconds to wait for another to give it back.

    Raises:
        StoreError: if another has it, by that one's name; if the project cannot be written.
    """
    lock = project_lock(project, what)
    lock.acquire(wait)
    try:
        yield lock
    finally:
        lock.release()


def take_lock(project: ProjectFolder, take: str, what: str) -> Lock:
    """Return the lock of a take, not yet acquired; its folder need not be there.

    A render holds it from before it opens the take until its film is written: two renders of
    one take do not do the work twice, and no cleaning touches it.

    Args:
        project: the folder it belongs to.
        take: its id, the name of its folder.
        what: who wants it: `imvar render`.

    Raises:
        StoreError: if the folder `takes` cannot be made.
    """
    make_folder(project.takes)
    return _take_lock(project, take, what, cleaning(project, what))


def _take_lock(project: ProjectFolder, take: str, what: str, gate: Lock | None) -> Lock:
    message = f"take {take} of {project.path} is being rendered by {{holder}}"
    remedy = "wait until it is done, or stop it there"
    return Lock(project.takes / f".{take}", what, (message, remedy), project.takes, gate)


def cleaning(project: ProjectFolder, what: str) -> Lock:
    """Return the lock of whoever removes takes: while it is held no take comes into use.

    A render that takes its lock meanwhile waits for it, up to a minute, before it looks at any
    frame.
    """
    message = f"the takes of {project.path} are being cleaned by {{holder}}"
    remedy = "try again when it is done"
    return Lock(project.takes / _GATE, what, (message, remedy), project.takes)


def takes_in_use(project: ProjectFolder) -> dict[str, Holder]:
    """Return who renders which take now, by the takes' ids."""
    files = [*project.takes.glob(f".*{LOCK}"), *project.takes.glob(f".*{SOFT}")]
    names = {file.stem for file in files} - {_GATE}
    found = {
        name[1:]: _take_lock(project, name[1:], "a look at the takes", None).holder()
        for name in sorted(names)
    }
    return {name: holder for name, holder in found.items() if holder is not None}
