"""Pictures on their way between the project and the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imvar_studio.media.image_io import read_picture
from imvar_studio.media.png import write_png
from imvar_studio.worker.provenance import picture_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imvar_studio.engine.protocols import PictureLoader
    from imvar_studio.plan.plan import PlannedPicture
    from imvar_studio.store.project_folder import ProjectFolder


def picture_loader(project: ProjectFolder) -> PictureLoader:
    """Return the function that gives the engine a project's pictures."""

    def load(sha: str, background: str) -> NDArray[Any]:
        red, green, blue = bytes.fromhex(background[1:])
        return read_picture(project.asset_path(sha), background=(red, green, blue))

    return load


def frame_file(picture: PlannedPicture, pixels: NDArray[Any], numerics: str, batch: int) -> bytes:
    """Return a frame as a PNG file that carries its recipe; equal input, equal bytes.

    Args:
        picture: what it shows.
        pixels: (h, w, 3) uint8 sRGB.
        numerics: the fingerprint it was rendered with.
        batch: pictures a chunk.
    """
    return write_png(pixels, text=picture_text(picture, numerics, batch))
