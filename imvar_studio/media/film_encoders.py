"""How ffmpeg is asked for each kind of film: its arguments after the raw frames."""

from __future__ import annotations

from dataclasses import dataclass

from imvar_studio.model import checks
from imvar_studio.model.film_export import CODECS, PRESETS

METADATA_FILE = "metadata.txt"
PALETTE_FILE = "palette.png"

Passes = tuple[tuple[str, ...], ...]
"""ffmpeg's arguments, one tuple for each time it goes over all frames."""


@dataclass(frozen=True, slots=True)
class VideoOptions:
    """How a film is encoded.

    Attributes:
        crf: constant rate factor as H.264 counts it, 0 (for H.264 lossless after the conversion
            to 4:2:0) to 51; other codecs get what looks alike.
        preset: trade of time for size, "ultrafast" to "veryslow".
        codec: one of `CODECS`; "" is the usual one of the film's ending.
        scale: of the frames' size, in per cent, in [10, 400].
    """

    crf: int = 16
    preset: str = "medium"
    codec: str = ""
    scale: int = 100

    def __post_init__(self) -> None:
        checks.integer(self.crf, "crf", 0, 51)
        checks.choice(self.preset, "preset", PRESETS)
        checks.choice(self.codec, "codec", CODECS)
        checks.integer(self.scale, "scale", 10, 400)


def scaled_size(width: int, height: int, scale: int, *, even: bool) -> tuple[int, int]:
    """Return the size of a film, in pixels.

    Args:
        width, height: of its frames.
        scale: in per cent.
        even: whether its sides must be even; unscaled odd ones grow by one.
    """
    if scale == 100:
        return (width + width % 2, height + height % 2) if even else (width, height)
    unit = 2 if even else 1
    whole = 100 * unit
    # rounded half up, in whole numbers
    sides = ((2 * side * scale + whole) // (2 * whole) * unit for side in (width, height))
    wide, high = (max(side, unit) for side in sides)
    return wide, high


# Code values go through the BT.709 matrix to limited range and are otherwise unchanged, so the
# tags are set afterwards: set before, they would make ffmpeg convert gamma or primaries.
_TO_BT709 = (
    "scale=in_range=full:out_range=limited:out_color_matrix=bt709"
    ":flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp,format={},"
    "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
)
_BT709_TAGS = (
    *("-color_range", "tv", "-color_primaries", "bt709"),
    *("-color_trc", "bt709", "-colorspace", "bt709"),
)
# Without these the versions of ffmpeg's libraries would stand where our name belongs.
_NO_STAMP = ("-fflags", "+bitexact", "-flags:v", "+bitexact")
_MP4 = ("-movflags", "+faststart", "film.mp4")
# QuickTime's own texts have at most 64 kB; these tags have any length
_MOV = ("-movflags", "+faststart+use_metadata_tags", "film.mov")
_WEBM = ("film.webm",)


def h264_passes(options: VideoOptions, size: tuple[int, int]) -> Passes:
    """H.264 in MP4, 4:2:0: plays everywhere."""
    codec = ("-c:v", "libx264", "-crf", str(options.crf), "-preset", options.preset)
    return _one_pass(options, size, "yuv420p", codec, _MP4)


def h265_passes(options: VideoOptions, size: tuple[int, int]) -> Passes:
    """H.265 in MP4, 4:2:0, tagged as Apple's players want it."""
    codec = ("-c:v", "libx265", "-crf", str(options.crf), "-preset", options.preset)
    quiet = ("-x265-params", "log-level=error", "-tag:v", "hvc1")
    return _one_pass(options, size, "yuv420p", (*codec, *quiet), _MP4)


def av1_mp4_passes(options: VideoOptions, size: tuple[int, int]) -> Passes:
    """AV1 in MP4, 4:2:0."""
    return _one_pass(options, size, "yuv420p", _av1(options), _MP4)


def av1_webm_passes(options: VideoOptions, size: tuple[int, int]) -> Passes:
    """AV1 in WebM, 4:2:0."""
    return _one_pass(options, size, "yuv420p", _av1(options), _WEBM)


def vp9_passes(options: VideoOptions, size: tuple[int, int]) -> Passes:
    """VP9 in WebM, 4:2:0."""
    speed = (5, 5, 4, 4, 3, 2, 1, 1, 0)[PRESETS.index(options.preset)]
    quality = ("-crf", _of_63(options.crf), "-b:v", "0")
    codec = ("-c:v", "libvpx-vp9", *quality, "-deadline", "good", "-cpu-used", str(speed))
    return _one_pass(options, size, "yuv420p", (*codec, "-row-mt", "1"), _WEBM)


def prores_hq_passes(options: VideoOptions, size: tuple[int, int]) -> Passes:
    """ProRes 422 HQ in QuickTime, 10 bits, for editing."""
    return _one_pass(options, size, "yuv422p10le", _prores("hq"), _MOV)


def prores_4444_passes(options: VideoOptions, size: tuple[int, int]) -> Passes:
    """ProRes 4444 in QuickTime, full colour resolution, for editing."""
    return _one_pass(options, size, "yuv444p10le", _prores("4444"), _MOV)


def gif_passes(options: VideoOptions, size: tuple[int, int]) -> Passes:
    """One palette for the whole film, then ordered dithering: its pattern stands still.

    Error diffusion is closer to the colours but crawls from frame to frame: on a film of moving
    gradients it flickered twice as much (12.5 against 6.5 of 255) at twice the size.
    """
    scaled = _scaling(options, size)
    palette = "".join((scaled, "palettegen=stats_mode=full"))
    first = ("-vf", palette, "-frames:v", "1", "-update", "1", PALETTE_FILE)
    sized = f"[0:v]{scaled}null[film];[film]" if scaled else "[0:v]"
    dithered = f"{sized}[1:v]paletteuse=dither=bayer:bayer_scale=2:diff_mode=rectangle"
    film = ("-i", PALETTE_FILE, "-lavfi", dithered, "-fps_mode", "passthrough", "-loop", "0")
    return (first, (*film, *_NO_STAMP, "film.gif"))


def _one_pass(
    options: VideoOptions,
    size: tuple[int, int],
    pixels: str,
    codec: tuple[str, ...],
    container: tuple[str, ...],
) -> Passes:
    metadata = ("-f", "ffmetadata", "-i", METADATA_FILE, "-map", "0:v", "-map_metadata", "1")
    picture = ("-vf", _scaling(options, size) + _TO_BT709.format(pixels))
    pace = ("-fps_mode", "passthrough")
    form = ("-pix_fmt", pixels, *_BT709_TAGS)
    return ((*metadata, *picture, *codec, *form, *pace, *_NO_STAMP, *container),)


def _scaling(options: VideoOptions, size: tuple[int, int]) -> str:
    """Return the filter that gives frames their size, with a comma behind it; "" for none.

    Lanczos on the code values as they are, plane by plane: in linear light its negative lobes
    leave dark rings around bright edges, and films are enlarged more often than reduced.
    """
    if options.scale == 100:
        return ""
    return f"format=gbrp,scale={size[0]}:{size[1]}:flags=lanczos+accurate_rnd,"


def _av1(options: VideoOptions) -> tuple[str, ...]:
    speed = (12, 11, 10, 9, 8, 6, 4, 3, 2)[PRESETS.index(options.preset)]
    return ("-c:v", "libsvtav1", "-crf", _of_63(options.crf), "-preset", str(speed))


def _prores(profile: str) -> tuple[str, ...]:
    # some editors look at who made it
    return ("-c:v", "prores_ks", "-profile:v", profile, "-vendor", "apl0")


def _of_63(crf: int) -> str:
    """Return a rate factor on the scale of VP9 and AV1, which goes to 63."""
    return str(round(crf * 63 / 51))
