"""Packages: a project as one file, `name.imvarz`, a zip of its folder.

It holds project.json and the assets, and where asked the frames and takes, so that a render
goes on elsewhere. The same project gives the same bytes. Pictures are stored as they are, JSON
is deflated. `package_reader` unpacks them.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from typing import IO, TYPE_CHECKING, cast

from imvar_studio.model.errors import StoreError
from imvar_studio.store.atomic import staged, store_error
from imvar_studio.store.package_members import PROJECT, Meter, asset_of, go_on, is_ours
from imvar_studio.store.project_folder import project_bytes
from imvar_studio.store.take_videos import VIDEO_FILE, recorded_videos

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imvar_studio.model.project import Project
    from imvar_studio.store.atomic import Staged
    from imvar_studio.store.package_members import Step
    from imvar_studio.store.project_folder import ProjectFolder

_BLOCK = 2**20
_TEXTS = (".json", ".jsonl")
_TIME = (1980, 1, 1, 0, 0, 0)  # the zip format's first: a package tells no times
_MODE = (stat.S_IFREG | 0o644) << 16


def pack(
    folder: ProjectFolder,
    target: Path,
    *,
    frames: bool = False,
    overwrite: bool = False,
    step: Step = go_on,
) -> int:
    """Write a project into a package; on failure nothing is left and what was there is untouched.

    Args:
        folder: the project; it is not changed.
        target: the file to make.
        frames: with its finished pictures and its takes: plans, journals and the films that lie
            in them.
        overwrite: whether a file that is there may be replaced.
        step: told (bytes done, bytes in all) every MiB; may raise `Cancelled`.

    Returns:
        The package's size in bytes.

    Raises:
        FormatError: a project that cannot be read.
        StoreError: a target that is there, an asset that is missing or damaged, a full disk.
    """
    if os.path.lexists(target) and (target.is_dir() or not overwrite):
        raise StoreError(f"{target} exists", "give another name, or --overwrite")
    project = folder.load()
    content = project_bytes(project, folder.file)
    files = _assets(folder, project)
    if frames:
        files |= _below(folder.path, "frames/*/*.png") | _takes(folder)
    meter = Meter(len(content) + sum(map(_size, files.values())), step)
    with staged(target.parent, target) as part:
        sink = _Sink(part)
        with zipfile.ZipFile(cast("IO[bytes]", sink), "w") as package:
            with package.open(_info(PROJECT, len(content)), "w") as member:
                member.write(content)
                meter.add(len(content))
            for name in sorted(files):
                _add(package, name, files[name], project, meter)
        part.publish(target)
    return sink.size


class _Sink:
    """A staged file as `zipfile` writes to one that cannot seek."""

    def __init__(self, part: Staged) -> None:
        self._part = part
        self.size = 0

    def write(self, data: bytes) -> int:
        self._part.write(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""


def _assets(folder: ProjectFolder, project: Project) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for entry in project.assets:
        path = next(iter(sorted((folder.path / "assets").glob(f"{entry.sha}.*"))), None)
        if path is None or not path.is_file():
            folder.asset_path(entry.sha)  # says so, by the asset's name
        else:
            found[f"assets/{path.name}"] = path
    return found


def _takes(folder: ProjectFolder) -> dict[str, Path]:
    found = _below(folder.path, "takes/*/[!.]*")
    return {name: path for name, path in found.items() if _stays_true(path)}


def _stays_true(path: Path) -> bool:
    """Whether a take's file says the same elsewhere: films may be noted by whole paths."""
    noted = recorded_videos(path.parent) if path.name == VIDEO_FILE else ()
    return all(str(path.parent / video.path) != video.path for video in noted)


def _below(folder: Path, pattern: str) -> dict[str, Path]:
    """Return the plain files of a pattern by their names in the package."""
    paths = [path for path in folder.glob(pattern) if path.is_file() and not path.is_symlink()]
    named = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: path for name, path in named.items() if is_ours(name)}


def _add(package: zipfile.ZipFile, name: str, path: Path, project: Project, meter: Meter) -> None:
    sha256, size = hashlib.sha256(), _size(path)
    with package.open(_info(name, size), "w") as member:
        for block in _blocks(path):
            sha256.update(block)
            size -= len(block)
            member.write(block)
            meter.add(len(block))
    sha = asset_of(name)
    if sha is not None and sha256.hexdigest() != sha:
        entry = project.asset(sha)
        called = entry.name if entry else path.name
        message = f"the asset {called} is damaged, its content has changed"
        raise StoreError(message, f"add {called} to the project again")
    if size:
        raise StoreError(f"{path} changed while it was packed", "try again when nothing renders")


def _info(name: str, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _TIME)
    info.create_system = 3  # Unix, wherever it is made
    info.external_attr = _MODE
    info.file_size = size
    info.compress_type = zipfile.ZIP_DEFLATED if name.endswith(_TEXTS) else zipfile.ZIP_STORED
    return info


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise store_error(error, "read", path) from error


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
    except OSError as error:
        raise store_error(error, "read", path) from error
