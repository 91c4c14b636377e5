"""What SQLite needs to know of the place of a database: its URI, and the journal for its disk.

A write-ahead log needs memory that all programs at the database share, which those on different
machines do not. Source: sqlite.org/wal.html, sqlite.org/uri.html.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path, PurePath

WAL, DELETE = "WAL", "DELETE"
_REMOTE = frozenset((
    "9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "gfs2", "glusterfs",
    "gpfs", "lustre", "ncpfs", "nfs", "nfs3", "nfs4", "ocfs2", "orangefs", "pvfs2", "smb2",
    "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs", "webdav", "fuse.ceph", "fuse.cephfs",
    "fuse.davfs", "fuse.gcsfuse", "fuse.glusterfs", "fuse.gvfsd-fuse", "fuse.juicefs",
    "fuse.rclone", "fuse.s3fs", "fuse.smbnetfs", "fuse.sshfs", "fuse.vmhgfs-fuse", "macfuse",
    "osxfuse",
))  # fmt: skip
_REMOTE_DRIVE = 4  # DRIVE_REMOTE, as GetDriveTypeW says it


def database_uri(path: PurePath, mode: str) -> str:
    """Return the URI of a database for SQLite.

    Args:
        path: absolute.
        mode: `ro`, `rw` or `rwc`.
    """
    uri = path.as_uri()
    if not uri.startswith("file:///"):  # \\server\share: SQLite takes no host, only a path
        uri = "file:////" + uri.removeprefix("file://")
    return f"{uri}?mode={mode}"


def journal_mode(folder: Path) -> str:
    """Return the journal for databases in a folder: `WAL`, `DELETE` where others may share it.

    Where the kind of the file system is not known it is taken for a local one.
    """
    try:
        place = folder.resolve()
        if sys.platform == "win32":
            return DELETE if _is_remote_drive(place) else WAL
        mounts = [(each.mountpoint, each.fstype) for each in psutil.disk_partitions(all=True)]
    except (OSError, RuntimeError, psutil.Error):
        return WAL
    return DELETE if file_system(place, mounts).lower() in _REMOTE else WAL


def file_system(place: PurePath, mounts: Iterable[tuple[str, str]]) -> str:
    """Return the kind of the file system that a place is on; "" where that is not known.

    Args:
        place: absolute, without links.
        mounts: where file systems begin and of which kind they are, in the order in which they
            were mounted: a later one hides an earlier one in the same place.
    """
    found, longest = "", 0
    for start, kind in mounts:
        if place.is_relative_to(start) and len(start) >= longest:
            found, longest = kind, len(start)
    return found


def _is_remote_drive(place: PurePath) -> bool:
    if place.drive.startswith("\\\\"):
        return True
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.kernel32.GetDriveTypeW(f"{place.drive}\\") == _REMOTE_DRIVE)
    return False
