"""The project folder `name.imvar/`: project.json, assets, frames, takes, versions, cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imvar_studio.model.codec import Data, decode, encode
from imvar_studio.model.edits import add_asset
from imvar_studio.model.errors import FormatError, StoreError, UserError
from imvar_studio.model.project import AssetEntry, Project
from imvar_studio.store.assets import AssetFolder
from imvar_studio.store.atomic import make_folder, store_error, write_atomic
from imvar_studio.store.cache import DigestCache
from imvar_studio.store.frames import FrameStore
from imvar_studio.store.locks import LOCK_FILES, writer
from imvar_studio.store.migrations import MIGRATIONS, VERSION, Migration, migrate
from imvar_studio.store.strict_json import MOST_BYTES, json_bytes, parse_json, read_json
from imvar_studio.store.versions import keeping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FORMAT = "imvar"
PROJECT_FILE = "project.json"
RECOVERY_FILE, DAMAGED_RECOVERY = "recovery.json", "recovery-damaged.json"
_OURS = {PROJECT_FILE, "assets", "frames", "takes", "cache", "versions", *LOCK_FILES}
_OURS |= {RECOVERY_FILE, DAMAGED_RECOVERY}
_SHORTLY = 2.0  # seconds that another making the same project may take
_BACKUP = "restore it from a backup, or see 'imvar versions DIR', nothing was changed"


class ProjectFolder:
    """A project on disk. Made by `create` or `open`.

    Attributes:
        path: the folder, absolute.
        frames: the pictures its films are made of, shared by all takes.
        cache: what can be computed again: embeddings, inverted latents.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.frames = FrameStore(self.path)
        self.cache = DigestCache(self.path / "cache")
        self._assets = AssetFolder(self.path / "assets")

    @classmethod
    def create(cls, path: Path, project: Project, media: Sequence[Path] = ()) -> ProjectFolder:
        """Make a project folder at `path`, which is free or an empty folder.

        Args:
            path: of the folder.
            project: what it holds.
            media: files to copy in and to enter among the project's assets.

        Raises:
            StoreError: if something is there already, the folder cannot be made, or a file
                cannot be read or copied.
        """
        folder = cls(path)
        try:
            folder._refuse_taken()
        except OSError as error:
            raise store_error(error, "read", path) from error
        make_folder(folder.path)
        with writer(folder, "a program that makes it", _SHORTLY):
            folder._refuse_taken()  # another may have been quicker
            for file in media:
                project = add_asset(project, folder.add_asset(file))
            folder.save(project)
        return folder

    @classmethod
    def open(cls, path: Path) -> ProjectFolder:
        """Return the project folder at `path`; its content is read by `load`.

        Raises:
            StoreError: if there is no project.
        """
        folder = cls(path)
        try:
            there, is_project = path.exists(), folder.file.is_file()
        except OSError as error:
            raise store_error(error, "read", path) from error
        if not there:
            raise StoreError(f"{path} does not exist", f"make a project with 'imvar new {path}'")
        if not is_project:
            message = f"{path} is not a project, it holds no {PROJECT_FILE}"
            raise StoreError(message, "give a project's folder, or make one with 'imvar new DIR'")
        return folder

    @property
    def file(self) -> Path:
        """The file that holds the project."""
        return self.path / PROJECT_FILE

    @property
    def takes(self) -> Path:
        """The folder whose folders are takes; it may not exist yet."""
        return self.path / "takes"

    @property
    def versions(self) -> Path:
        """The folder of earlier versions; it may not exist yet."""
        return self.path / "versions"

    @property
    def recovery(self) -> Path:
        """The file of changes that were not saved; it is there only while there are some."""
        return self.path / RECOVERY_FILE

    def load(self) -> Project:
        """Return the project as it stands on disk; nothing on disk is changed.

        Raises:
            FormatError: if the file is damaged, not ours, or of a newer version.
            StoreError: if it cannot be read.
        """
        project = read_project(self.file)
        self._assets.know(project.assets)
        return project

    def save(self, project: Project) -> None:
        """Write the project; on failure the file is the one before.

        What was there before becomes a version (see `versions.py`).

        Raises:
            StoreError: if it cannot be written, or could not be read back.
        """
        data = project_bytes(project, self.file)
        with keeping(self.versions, self.file, data):
            write_atomic(self.file, data)
        self._assets.know(project.assets)

    def add_asset(self, file: Path) -> AssetEntry:
        """Copy a media file into the project, byte for byte; the project is not changed.

        Returns:
            Its entry, for `edits.add_asset`. The same bytes under another name are kept once.

        Raises:
            StoreError: if it cannot be read or copied.
        """
        return self._assets.add(file)

    def asset_path(self, sha: str) -> Path:
        """Return the file of an asset, checked against its SHA-256 when first asked for.

        Raises:
            StoreError: if it is missing or damaged, by the asset's name.
        """
        return self._assets.path(sha)

    def _refuse_taken(self) -> None:
        if self.file.exists():
            raise StoreError(f"{self.path} is a project already", "open it, or choose another name")
        if self.path.exists() and not self.path.is_dir():
            raise StoreError(f"{self.path} is a file", "choose another name")
        if self.path.exists() and any(each.name not in _OURS for each in self.path.iterdir()):
            raise StoreError(f"{self.path} holds other files", "choose another name")


def read_project(file: Path) -> Project:
    """Return the project in a project.json, or in a version of one.

    Raises:
        FormatError: if the file is damaged, not ours, or of a newer version.
        StoreError: if it cannot be read.
    """
    try:
        data = read_json(file)
    except FormatError as error:
        raise FormatError(error.message, error.remedy or _BACKUP) from error
    try:
        return project_of(data)
    except UserError as error:
        message = f"{file} is not readable, {error.message}"
        raise FormatError(message, error.remedy or _BACKUP) from error


def project_bytes(project: Project, file: Path, **more: Data) -> bytes:
    """Return the content of a project.json.

    Args:
        project: what it holds.
        file: what messages call it.
        more: further fields of a file that is no project.json itself.

    Raises:
        StoreError: if it could not be read back.
    """
    content = {"format": FORMAT, "version": VERSION, "project": encode(project), **more}
    data = json_bytes(content)
    try:
        decode(parse_json(data, PROJECT_FILE)["project"], Project, "project")
    except UserError as error:
        message = f"{file} was not saved, it could not be read back ({error.message})"
        raise StoreError(message, error.remedy) from error
    if len(data) > MOST_BYTES:
        limit = MOST_BYTES // 2**20
        message = f"{file} was not saved, it would be larger than {limit} MiB"
        raise StoreError(message, "split the project into several")
    return data


def project_of(
    data: Data, steps: Mapping[int, Migration] = MIGRATIONS, current: int = VERSION
) -> Project:
    """Return the project that the content of a project.json of any version says.

    Args:
        data: the file's content.
        steps, current: as in `migrate`.

    Raises:
        FormatError: naming the place and what is wrong there.
    """
    content, version = _opened(data, current)
    return decode(migrate(content, version, steps, current), Project, "project")


def _opened(data: Data, current: int) -> tuple[dict[str, Any], int]:
    """Return the project's data and its version out of the file's."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise FormatError(f'it does not begin with "format": "{FORMAT}"')
    version, content = data.get("version"), data.get("project")
    if type(version) is not int:
        raise FormatError("its version is not a whole number")
    if version <= current:  # a newer file may have more fields, and is refused for its age
        strange = next((key for key in data if key not in ("format", "version", "project")), None)
        if strange is not None:
            raise FormatError(f"it has a field {strange[:60]!r} that is not known")
        if not isinstance(content, dict):
            raise FormatError("its project is not an object")
    return content if isinstance(content, dict) else {}, version
