"""Unpacking a package: a project folder out of a zip from anyone, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import stat
import struct
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from imvar_studio.model.errors import FormatError, StoreError, UserError
from imvar_studio.store.atomic import make_folder, store_error, sync_folder
from imvar_studio.store.package_members import (
    AGAIN,
    PROJECT,
    Limits,
    Meter,
    PackageFile,
    asset_of,
    go_on,
    members_of,
)
from imvar_studio.store.project_folder import ProjectFolder, project_of
from imvar_studio.store.strict_json import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imvar_studio.model.project import Project
    from imvar_studio.store.package_members import Step

_BLOCK = 2**20
_MARGIN = 64 * 2**20  # bytes that stay free
_LIMITS = Limits()
# what zipfile raises for bytes that are no zip
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,  # NotImplementedError too
    ValueError,
    IndexError,
    OverflowError,
)


def unpack(
    package: Path, target: Path, *, limits: Limits = _LIMITS, step: Step = go_on
) -> ProjectFolder:
    """Make the project folder `target` out of a package, whole or not at all.

    Args:
        package: the file, from anyone; it is not changed.
        target: the folder to make; nothing is there yet.
        limits: what the package may ask of this machine.
        step: told (bytes done, bytes in all) every MiB; may raise `Cancelled`.

    Raises:
        FormatError: what is no package, damaged, of a newer version, or made to do harm.
        StoreError: a target that is there, a disk that is too small, what the system refuses.
    """
    if os.path.lexists(target):
        raise StoreError(f"{target} exists", "give another name with --out")
    with _opened(package) as source, _archive(source, package) as archive:
        size = os.fstat(source.fileno()).st_size
        members = members_of(archive.infolist(), package, size, limits)
        total = sum(info.file_size for info in members.values())
        _check_space(target, total)
        meter = Meter(total, step)
        content = b"".join(_blocks_of(archive, members.pop(PROJECT), package, meter))
        project = _project(content, package)
        _check_whole(project, set(members), package)
        with _folder_for(target) as place:
            _write(place / PROJECT, iter([content]), durable=True)
            for name, info in sorted(members.items()):
                _unpack_one(place, name, _blocks_of(archive, info, package, meter), package)
    return ProjectFolder.open(target)


@contextmanager
def _opened(package: Path) -> Iterator[PackageFile]:
    try:
        if not stat.S_ISREG(package.stat().st_mode):  # opening a pipe would wait for ever
            raise FormatError(f"{package} is not a package", "give a file that 'imvar pack' made")
        source = PackageFile(package.open("rb", buffering=0))
    except OSError as error:
        raise store_error(error, "read", package) from error
    with source:
        yield source


@contextmanager
def _reading(package: Path) -> Iterator[None]:
    """Turn what `zipfile` raises into a sentence; a `UserError` passes."""
    try:
        yield
    except (OSError, *_DAMAGE) as error:
        # EINVAL: sent to a place before the file's beginning
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise store_error(error, "read", package) from error
        raise FormatError(f"{package} is damaged, or no package", AGAIN) from error


def _archive(source: PackageFile, package: Path) -> zipfile.ZipFile:
    with _reading(package):
        return zipfile.ZipFile(source)


def _blocks_of(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, package: Path, meter: Meter
) -> Iterator[bytes]:
    """Return a member's content; more or less of it than was declared is refused."""
    left = info.file_size
    with _reading(package), archive.open(info) as member:
        while block := member.read(_BLOCK):
            left -= len(block)
            if left < 0:
                break
            yield block
            meter.add(len(block))
    if left:
        raise FormatError(f"{package} is damaged, {info.filename} has not its size", AGAIN)


def _project(content: bytes, package: Path) -> Project:
    name = f"{PROJECT} in {package}"
    try:
        return project_of(parse_json(content, name))
    except UserError as error:
        message = error.message if name in error.message else f"{name}: {error.message}"
        raise FormatError(message, error.remedy or AGAIN) from error


def _check_whole(project: Project, names: set[str], package: Path) -> None:
    there = {asset_of(name) for name in names}
    for entry in project.assets:
        if entry.sha not in there:
            raise FormatError(f"{package} lacks the asset {entry.name}", AGAIN)


def _check_space(target: Path, size: int) -> None:
    try:
        free = shutil.disk_usage(target.parent).free
    except OSError as error:
        raise store_error(error, "make", target) from error
    if size + _MARGIN > free:
        need, has = (f"{each / 2**20:.0f} MiB" for each in (size + _MARGIN, free))
        message = f"{target} would take {need}, the disk has {has} free"
        raise StoreError(message, "free some space, or choose another folder with --out")


@contextmanager
def _folder_for(target: Path) -> Iterator[Path]:
    """Give a folder to fill beside `target`, which gets its name at the end, or goes."""
    place = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        place.mkdir()
        yield place
        for folder in (*(path for path in place.rglob("*") if path.is_dir()), place):
            sync_folder(folder)
        os.rename(place, target)  # noqa: PTH104  (tests make this one fail)
        sync_folder(target.parent)
    except OSError as error:
        raise store_error(error, "make", target) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _unpack_one(place: Path, name: str, blocks: Iterator[bytes], package: Path) -> None:
    path, sha = place / name, asset_of(name)
    make_folder(path.parent)
    found = _write(path, blocks, durable=sha is not None)  # a torn frame is noticed
    if sha is not None and found != sha:
        raise FormatError(f"{package} is damaged, {name} has another content", AGAIN)


def _write(path: Path, blocks: Iterator[bytes], *, durable: bool) -> str:
    """Write a new file and return its SHA-256."""
    sha256 = hashlib.sha256()
    try:
        with path.open("xb") as file:
            for block in blocks:
                sha256.update(block)
                file.write(block)
            if durable:
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise store_error(error, "write", path) from error
    return sha256.hexdigest()
