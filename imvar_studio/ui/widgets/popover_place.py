"""Where a popover goes: beneath what it belongs to, and within the screen."""

from __future__ import annotations


def place_beside(
    anchor: tuple[int, int, int, int],
    size: tuple[int, int],
    room: tuple[int, int, int, int],
    gap: int = 4,
) -> tuple[int, int]:
    """Return the left and top of a popover.

    Args:
        anchor: left, top, width, height in px of what it belongs to.
        size: its width and height.
        room: left, top, width, height of the screen.
        gap: px between it and the anchor.

    Returns:
        Beneath the anchor, left edges aligned; above it where there is no room beneath; moved
        sideways as far as the screen asks for.
    """
    left, top, _, height = anchor
    room_left, room_top, room_width, room_height = room
    below, above = top + height + gap, top - gap - size[1]
    y = below if below + size[1] <= room_top + room_height or above < room_top else above
    x = max(room_left, min(left, room_left + room_width - size[0]))
    return x, max(room_top, min(y, room_top + room_height - size[1]))
