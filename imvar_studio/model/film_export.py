"""What of a film is exported, and how it is encoded."""

from __future__ import annotations

from dataclasses import dataclass

from imvar_studio.model import checks
from imvar_studio.model.errors import SpecError

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
SEQUENCE = "png"
"""The codec of a film that is a folder of numbered PNG files."""

CODECS = ("", "h264", "h265", "av1", "vp9", "prores-hq", "prores-4444", "gif", SEQUENCE)
"""The names of codecs; "" is the one that a file's ending has."""

_MOST_FRAMES = 1_000_000


@dataclass(frozen=True, slots=True)
class FilmExport:
    """Which frames of a film become a file, and how.

    Args:
        first, last: the first and the last frame, by their indices in the plan's frames; `last`
            None is the film's last.
        there_only: render nothing, export what is there: from the first to the last frame that
            is, with holes that hold the frame before them.
        scale: of the frames' size, in per cent, in [10, 400].
        crf: constant rate factor, 0 (best) to 51, for codecs that have one.
        preset: trade of time for size, "ultrafast" to "veryslow".
        codec: one of `CODECS`, as far as the file's ending has it; for `SEQUENCE` the target is
            a folder.
    """

    first: int = 0
    last: int | None = None
    there_only: bool = False
    scale: int = 100
    crf: int = 16
    preset: str = "medium"
    codec: str = ""

    def __post_init__(self) -> None:
        checks.integer(self.first, "first frame", 0, _MOST_FRAMES)
        if self.last is not None:
            checks.integer(self.last, "last frame", 0, _MOST_FRAMES)
            if self.last < self.first:
                raise SpecError(
                    f"the last frame, {self.last}, is before the first, {self.first}",
                    "last frame",
                    "exchange them",
                )
        checks.flag(self.there_only, "there only")
        checks.integer(self.scale, "scale", 10, 400)
        checks.integer(self.crf, "crf", 0, 51)
        checks.choice(self.preset, "preset", PRESETS)
        checks.choice(self.codec, "codec", CODECS)

    def frames(self, count: int) -> range:
        """Return the indices of the frames that are exported.

        Args:
            count: frames of the film.

        Raises:
            SpecError: for frames that the film does not have.
        """
        last = count - 1 if self.last is None else self.last
        if max(self.first, last) >= count:
            raise SpecError(
                f"the film has the frames 0 to {count - 1}, asked for are {self.first} to {last}",
                "last frame",
                "choose frames that it has",
            )
        return range(self.first, last + 1)
