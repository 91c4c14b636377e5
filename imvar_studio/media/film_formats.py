"""The kinds of film that can be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from imvar_studio.media.film_encoders import (
    METADATA_FILE,
    Passes,
    VideoOptions,
    av1_mp4_passes,
    av1_webm_passes,
    gif_passes,
    h264_passes,
    h265_passes,
    prores_4444_passes,
    prores_hq_passes,
    scaled_size,
    vp9_passes,
)
from imvar_studio.media.film_metadata import insert_gif_comment
from imvar_studio.media.xmp import append_xmp_box
from imvar_studio.model.errors import VideoError
from imvar_studio.model.film_export import SEQUENCE

__all__ = [
    "FORMATS",
    "METADATA_FILE",
    "FilmFormat",
    "FilmKind",
    "VideoOptions",
    "film_format",
    "film_kinds",
    "formats_of",
    "scaled_size",
]

_QUALITY = ("crf", "preset")
_MP4_KEYS = {
    "title": "title",
    "artist": "artist",
    "comment": "comment",
    "description": "description",
    "copyright": "copyright",
    "date": "date",
    "software": "encoding_tool",
}
_PLAIN_KEYS = {name: name for name in _MP4_KEYS}


@dataclass(frozen=True, slots=True)
class FilmFormat:
    """One kind of film.

    Attributes:
        name: as shown to the user.
        hint: what it is good for, a short sentence.
        ending: of its files, in lower case.
        codec: its name in `VideoOptions`, which chooses among those of one ending.
        passes: ffmpeg's arguments for options and the film's size; the last pass writes `file`.
        carries: the container's key for each of our metadata entries it can hold.
        goes: how often it goes over all frames.
        options: names of the `VideoOptions` that change something, besides `scale`.
        finish: what is left to do to the complete film, given the metadata.
        mark: puts an XMP packet into the complete film; None where it has no place for one.
        even: whether width and height must be even.
        least_side: of the smallest pictures its encoder takes, in pixels.
        most_fps: fastest film that plays as meant.
    """

    name: str
    hint: str
    ending: str
    codec: str
    passes: Callable[[VideoOptions, tuple[int, int]], Passes]
    carries: Mapping[str, str]
    goes: int = 1
    options: tuple[str, ...] = _QUALITY
    finish: Callable[[Path, Mapping[str, str]], None] | None = None
    mark: Callable[[Path, str], None] | None = None
    even: bool = True
    least_side: int = 2
    most_fps: int = 240

    @property
    def file(self) -> str:
        """The film's name inside the working folder."""
        return f"film{self.ending}"


@dataclass(frozen=True, slots=True)
class FilmKind:
    """A kind of film as a list shows it.

    Attributes:
        name: as shown to the user.
        hint: what it is good for, a short sentence.
        ending: of its file, in lower case; "" where it is a folder.
        codec: its name in `FilmExport`.
        options: names of the fields of `FilmExport` that change how it is encoded, besides `scale`.
    """

    name: str
    hint: str
    ending: str
    codec: str
    options: tuple[str, ...]


def film_kinds() -> tuple[FilmKind, ...]:
    """Return all kinds of film that can be exported, for people to choose from."""
    films = tuple(
        FilmKind(each.name, each.hint, each.ending, each.codec, each.options) for each in FORMATS
    )
    pictures = "For editing and compositing: a folder of numbered pictures, nothing is lost."
    return (*films, FilmKind("PNG sequence", pictures, "", SEQUENCE, ()))


def film_format(path: Path, codec: str = "") -> FilmFormat:
    """The format that a film's name asks for.

    Args:
        path: its ending counts.
        codec: one of those that the ending has; "" is its usual one.

    Raises:
        VideoError: a suffix that no format has, a codec that the ending does not have.
    """
    found = formats_of(path.suffix)
    if not found:
        ending = f"'{path.suffix}'" if path.suffix else "no ending"
        known = {each.ending: each.name for each in reversed(FORMATS)}
        raise VideoError(
            f"a film cannot be written to '{path}', which has {ending}",
            "end the name in " + " or ".join(f"{s} ({known[s]})" for s in reversed(known)),
        )
    for each in found:
        if codec in ("", each.codec):
            return each
    names = " or ".join(each.codec for each in found)
    raise VideoError(f"a film '{path.suffix}' has no codec {codec}", f"choose {names}")


def formats_of(ending: str) -> tuple[FilmFormat, ...]:
    """Return the formats of a file ending, the usual one first; none where it is not known."""
    return tuple(each for each in FORMATS if each.ending == ending.lower())


def _comment_gif(film: Path, metadata: Mapping[str, str]) -> None:
    if metadata.get("comment"):
        insert_gif_comment(film, metadata["comment"])


FORMATS: tuple[FilmFormat, ...] = (
    FilmFormat(
        name="H.264",
        hint="Plays everywhere.",
        ending=".mp4",
        codec="h264",
        passes=h264_passes,
        carries=_MP4_KEYS,
        mark=append_xmp_box,
    ),
    FilmFormat(
        name="H.265",
        hint="Smaller files; plays on most newer devices.",
        ending=".mp4",
        codec="h265",
        passes=h265_passes,
        carries=_MP4_KEYS,
        mark=append_xmp_box,
        least_side=16,
    ),
    FilmFormat(
        name="AV1",
        hint="The smallest files; plays in current browsers and players.",
        ending=".mp4",
        codec="av1",
        passes=av1_mp4_passes,
        carries=_MP4_KEYS,
        mark=append_xmp_box,
        least_side=16,
    ),
    FilmFormat(
        name="VP9",
        hint="For web pages.",
        ending=".webm",
        codec="vp9",
        passes=vp9_passes,
        carries=_PLAIN_KEYS,
    ),
    FilmFormat(
        name="AV1 in WebM",
        hint="For web pages, the smallest files.",
        ending=".webm",
        codec="av1",
        passes=av1_webm_passes,
        carries=_PLAIN_KEYS,
        least_side=16,
    ),
    FilmFormat(
        name="ProRes 422 HQ",
        hint="For editing: 10 bits, large files.",
        ending=".mov",
        codec="prores-hq",
        passes=prores_hq_passes,
        carries=_PLAIN_KEYS,
        options=(),
        mark=append_xmp_box,
    ),
    FilmFormat(
        name="ProRes 4444",
        hint="For editing and compositing: full colour resolution, the largest files.",
        ending=".mov",
        codec="prores-4444",
        passes=prores_4444_passes,
        carries=_PLAIN_KEYS,
        options=(),
        mark=append_xmp_box,
        even=False,
    ),
    FilmFormat(
        name="looping GIF",
        hint="Short loops for chats and pages: 256 colours.",
        ending=".gif",
        codec="gif",
        passes=gif_passes,
        carries={"comment": "comment"},
        goes=2,
        options=(),
        finish=_comment_gif,
        even=False,
        most_fps=50,  # delays are whole hundredths; players slow down anything under two
    ),
)
"""All kinds; of those with one ending the usual one first."""
