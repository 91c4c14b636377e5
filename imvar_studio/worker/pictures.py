"""Pictures on their way between the project and the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import imvar_studio
from imvar_studio.media.image_io import read_picture
from imvar_studio.media.png import write_png
from imvar_studio.model.canonical import canonical_json
from imvar_studio.model.recipe import recipe_record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imvar_studio.engine.protocols import PictureLoader
    from imvar_studio.plan.plan import PlannedPicture
    from imvar_studio.store.project_folder import ProjectFolder

SOFTWARE = f"Imvar Studio {imvar_studio.__version__}"
RECIPE_KEYWORD = "imvar"


def picture_loader(project: ProjectFolder) -> PictureLoader:
    """Return the function that gives the engine a project's pictures."""

    def load(sha: str, background: str) -> NDArray[Any]:
        red, green, blue = bytes.fromhex(background[1:])
        return read_picture(project.asset_path(sha), background=(red, green, blue))

    return load


def frame_file(picture: PlannedPicture, pixels: NDArray[Any]) -> bytes:
    """Return a frame as a PNG file that carries its recipe; equal input, equal bytes.

    Args:
        picture: what it shows.
        pixels: (h, w, 3) uint8 sRGB.
    """
    record = {
        "format": "imvar-recipe",
        "version": 1,
        "digest": picture.digest,
        **recipe_record(picture.recipe),
    }
    return write_png(pixels, text={RECIPE_KEYWORD: canonical_json(record), "Software": SOFTWARE})
