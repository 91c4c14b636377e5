"""What the engine asks of others: pictures and a cache, so that it knows no disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from imvar_studio.model.look import Picture, Prior, Prompt
    from imvar_studio.model.source import Rect, Size


class PictureLoader(Protocol):
    """Gives an asset's pixels."""

    def __call__(self, sha: str, background: str) -> NDArray[Any]:
        """Return (h, w, 3) uint8 or uint16, sRGB, alpha flattened on `background` (#rrggbb)."""
        ...


class ByteCache(Protocol):
    """Keeps bytes by digest; what it loses is computed again."""

    def get(self, digest: str) -> bytes | None:
        """Return the bytes, or None."""
        ...

    def put(self, digest: str, data: bytes) -> None:
        """Keep the bytes; never raises for want of room."""
        ...


class Embedder(Protocol):
    """A family's embeddings, each (k, d) fp32 on the CPU.

    Attributes:
        pads: whether unequal token counts meet by padding, so that any looks can be mixed;
            otherwise they are repeated.
    """

    pads: bool

    def picture(self, look: Picture, size: Size) -> Tensor:
        """Return the condition of a picture as it is framed for `size`."""
        ...

    def prompt(self, look: Prompt) -> Tensor:
        """Return the condition of a text."""
        ...

    def prior(self, look: Prior) -> Tensor:
        """Return the condition that a prior makes of a text."""
        ...

    def nothing(self) -> Tensor:
        """Return the unconditional condition."""
        ...

    def meet(self, *conditions: Tensor) -> list[Tensor]:
        """Return conditions (k_i, d) as they stand side by side in one batch: of one count."""
        ...

    def crop(self, source_picture: Tensor, rect: Rect) -> Tensor:
        """Return the condition of a region of a picture (3, h, w) fp32 in [0, 1]."""
        ...


Report = Callable[[str, int, int], None]
"""(phase, done, total), once a UNet evaluation step; may raise `Cancelled`."""


def no_report(phase: str, done: int, total: int) -> None:
    """Report to no one."""
