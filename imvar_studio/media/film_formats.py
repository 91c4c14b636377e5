"""The kinds of film that can be written, and how ffmpeg is asked for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from imvar_studio.media.film_metadata import insert_gif_comment
from imvar_studio.model.errors import SpecError, VideoError

PRESETS = (
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
)
METADATA_FILE = "metadata.txt"
PALETTE_FILE = "palette.png"


@dataclass(frozen=True, slots=True)
class VideoOptions:
    """How a film is encoded.

    Attributes:
        crf: H.264's constant rate factor, 0 (lossless after the conversion to 4:2:0) to 51.
        preset: x264's trade of time for size, "ultrafast" to "veryslow".
    """

    crf: int = 16
    preset: str = "medium"

    def __post_init__(self) -> None:
        if not 0 <= self.crf <= 51:
            raise SpecError(f"crf must be in [0, 51], got {self.crf}", field="crf")
        if self.preset not in PRESETS:
            known = ", ".join(PRESETS)
            raise SpecError(f"preset must be one of {known}, got {self.preset!r}", field="preset")


@dataclass(frozen=True, slots=True)
class FilmFormat:
    """One kind of film.

    Attributes:
        name: as shown to the user.
        file: the film's name inside the working folder.
        passes: ffmpeg's arguments after the raw frames, one tuple for each time it goes over
            all frames; the last one writes `file`.
        carries: the container's key for each of our metadata entries it can hold.
        finish: what is left to do to the complete film, given the metadata.
        even: whether width and height must be even.
        most_fps: fastest film that plays as meant.
    """

    name: str
    file: str
    passes: Callable[[VideoOptions], tuple[tuple[str, ...], ...]]
    carries: Mapping[str, str]
    finish: Callable[[Path, Mapping[str, str]], None]
    even: bool
    most_fps: int


def film_format(path: Path) -> FilmFormat:
    """The format a film's name asks for.

    Raises:
        VideoError: a suffix that no format has.
    """
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        ending = f"'{path.suffix}'" if path.suffix else "no ending"
        raise VideoError(
            f"a film cannot be written to '{path}', which has {ending}",
            "end the name in " + " or ".join(f"{s} ({f.name})" for s, f in FORMATS.items()),
        )
    return found


# Code values go through the BT.709 matrix to limited range and are otherwise unchanged, so the
# tags are set afterwards: set before, they would make ffmpeg convert gamma or primaries.
_TO_BT709 = (
    "scale=in_range=full:out_range=limited:out_color_matrix=bt709"
    ":flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp,format=yuv420p,"
    "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
)
_BT709_TAGS = (
    *("-color_range", "tv", "-color_primaries", "bt709"),
    *("-color_trc", "bt709", "-colorspace", "bt709"),
)
# Without these the versions of ffmpeg's libraries would stand where our name belongs.
_NO_STAMP = ("-fflags", "+bitexact", "-flags:v", "+bitexact")


def _h264_passes(options: VideoOptions) -> tuple[tuple[str, ...], ...]:
    metadata = ("-f", "ffmetadata", "-i", METADATA_FILE, "-map", "0:v", "-map_metadata", "1")
    codec = ("-c:v", "libx264", "-crf", str(options.crf), "-preset", options.preset)
    container = ("-fps_mode", "passthrough", "-movflags", "+faststart", *_NO_STAMP, "film.mp4")
    return ((*metadata, "-vf", _TO_BT709, *codec, "-pix_fmt", "yuv420p", *_BT709_TAGS, *container),)


def _gif_passes(options: VideoOptions) -> tuple[tuple[str, ...], ...]:
    """One palette for the whole film, then ordered dithering: its pattern stands still.

    Error diffusion is closer to the colours but crawls from frame to frame: on a film of moving
    gradients it flickered twice as much (12.5 against 6.5 of 255) at twice the size.
    """
    del options
    palette = ("-vf", "palettegen=stats_mode=full", "-frames:v", "1", "-update", "1", PALETTE_FILE)
    dithered = "[0:v][1:v]paletteuse=dither=bayer:bayer_scale=2:diff_mode=rectangle"
    film = ("-i", PALETTE_FILE, "-lavfi", dithered, "-fps_mode", "passthrough", "-loop", "0")
    return (palette, (*film, *_NO_STAMP, "film.gif"))


def _nothing_left(film: Path, metadata: Mapping[str, str]) -> None:
    del film, metadata


def _comment_gif(film: Path, metadata: Mapping[str, str]) -> None:
    if metadata.get("comment"):
        insert_gif_comment(film, metadata["comment"])


_MP4_KEYS = {
    "title": "title",
    "artist": "artist",
    "comment": "comment",
    "description": "description",
    "copyright": "copyright",
    "date": "date",
    "software": "encoding_tool",
}

FORMATS: Mapping[str, FilmFormat] = {
    ".mp4": FilmFormat(
        name="H.264",
        file="film.mp4",
        passes=_h264_passes,
        carries=_MP4_KEYS,
        finish=_nothing_left,
        even=True,
        most_fps=240,
    ),
    ".gif": FilmFormat(
        name="looping GIF",
        file="film.gif",
        passes=_gif_passes,
        carries={"comment": "comment"},
        finish=_comment_gif,
        even=False,
        most_fps=50,  # delays are whole hundredths; players slow down anything under two
    ),
}
"""Film formats by the ending of the file's name."""
