"""The row of keyframes: thumbnails on their times, film strips and easings between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from imvar_studio.model.snapping import span
from imvar_studio.plan.timing import nearest_frame
from imvar_studio.ui.theme.fonts import hint_font
from imvar_studio.ui.theme.icons import tinted_pixmap
from imvar_studio.ui.theme.tokens import THUMB_RADIUS
from imvar_studio.ui.timeline.cards import Card, card_of
from imvar_studio.ui.timeline.crowd import NARROW, cells, drawn
from imvar_studio.ui.timeline.curves import STEP, easing_line
from imvar_studio.ui.timeline.easel import Easel, pen, polygon
from imvar_studio.ui.timeline.geometry import FILM, KEY_ROW, KEYS_TOP, THUMB
from imvar_studio.ui.timeline.hits import Part

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QColor, QPainter

    from imvar_studio.model.curve import Easing
    from imvar_studio.model.timeline import Keyframe
    from imvar_studio.ui.asset_files import AssetFiles
    from imvar_studio.ui.timeline.scene import Scene
    from imvar_studio.ui.timeline.thumbs import Thumbs

MIDDLE = KEYS_TOP + KEY_ROW / 2
_FILM_TOP = MIDDLE - FILM / 2
_THUMB_TOP = MIDDLE - THUMB / 2
_FADED = 0.55
_SEEN = 60  # samples of an easing of which only a part is seen


class KeyPainter:
    """Draws the row of keyframes.

    Args:
        thumbs: pictures at the size shown.
        assets: where the project's pictures lie.
    """

    def __init__(self, thumbs: Thumbs, assets: AssetFiles) -> None:
        self._thumbs = thumbs
        self._assets = assets

    def paint(self, easel: Easel) -> None:
        """Draw what is seen of the row."""
        scene = easel.scene
        keys, view = scene.timeline.keyframes, scene.view.value
        if not keys:
            return
        self._paint_films(easel)
        hover = scene.hover.value
        chosen = scene.session.selection.value.keyframes
        hovered = hover.name if hover.part is Part.KEY else ""
        order = drawn(keys, view, (easel.x0, easel.x1), chosen, hovered)
        for index in order:
            self._paint_key(easel, keys[index], chosen=keys[index].id in chosen)
        easel.drawn["keyframes"] += len(order)

    def _paint_films(self, easel: Easel) -> None:
        """Draw the strips between keyframes, where there is room for a picture."""
        scene, view = easel.scene, easel.scene.view.value
        keys = scene.timeline.keyframes
        seen = span(keys, *view.span(easel.x0, easel.x1))
        first, last = max(seen.start - 1, 0), min(seen.stop, len(keys) - 1)
        wide = (NARROW + THUMB + 2) / view.scale
        roomy = [n for n in range(first, last) if keys[n + 1].time - keys[n].time >= wide]
        for n in roomy:
            a, b = keys[n], keys[n + 1]
            left, right = view.x(a.time) + THUMB / 2 + 1, view.x(b.time) - THUMB / 2 - 1
            self._paint_film(easel, a, (left, right), (a.time, b.time))
        if scene.timeline.loop and seen.stop == len(keys):
            end = scene.session.duration
            left, right = view.x(keys[-1].time) + THUMB / 2 + 1, view.x(end)
            if right - left >= NARROW and right > easel.x0:
                self._paint_film(easel, keys[-1], (left, right), (keys[-1].time, end))

    def _paint_film(
        self, easel: Easel, key: Keyframe, ends: tuple[float, float], times: tuple[float, float]
    ) -> None:
        scene = easel.scene
        size = scene.session.film.settings.size
        left, right = ends
        painter = easel.painter
        painter.fillRect(QRectF(left, _FILM_TOP, right - left, FILM), easel.color("stage"))
        painter.setOpacity(_FADED)
        aspect, seen = size.width / size.height, (easel.x0, easel.x1)
        count = max(scene.session.frame_count, 1)
        for cell in cells(ends, times, scene.fps, aspect, seen):
            path = scene.session.frames.path(cell.frame % count)  # a loop ends on its first
            picture = self._thumbs.get(path, (int(cell.width) + 1, FILM)) if path else None
            spot = QRectF(cell.x, _FILM_TOP, cell.width, FILM)
            if picture is not None:
                ratio = picture.devicePixelRatio()
                painter.drawPixmap(spot, picture, QRectF(0, 0, cell.width * ratio, FILM * ratio))
            if cell.x > left:
                painter.fillRect(QRectF(cell.x, _FILM_TOP, 1, FILM), easel.color("panel"))
            easel.drawn["cells"] += 1
        painter.setOpacity(1)
        self._paint_easing(easel, key, left, right)

    def _paint_easing(self, easel: Easel, key: Keyframe, left: float, right: float) -> None:
        """Draw an easing over its strip: white with a dark edge, seen on any picture."""
        easing = key.transition.easing
        samples = _seen_of(easing, left, right, easel.width)
        low, room = _FILM_TOP + FILM - 5, FILM - 10
        line = polygon((left + u * (right - left), low - v * room) for u, v in samples)
        painter = easel.painter
        painter.save()
        painter.setClipRect(
            QRectF(left, _FILM_TOP, right - left, FILM), Qt.ClipOperation.IntersectClip
        )
        hover = easel.scene.hover.value
        on = easel.scene.session.selection.value.transition == key.id
        under = hover.part is Part.TRANSITION and hover.name == key.id
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for stroke in (
            pen(easel.color("graph_edge", 0.75), 3.5 if not on else 4.5),
            pen(easel.color("graph"), 1.75 if not (on or under) else 2.5),
        ):
            painter.setPen(stroke)
            painter.drawPolyline(line)
        painter.restore()
        easel.drawn["easings"] += 1
        if on:
            ring = QRectF(left + 1, _FILM_TOP + 1, right - left - 2, FILM - 2)
            easel.rounded(ring, 2, None, pen(easel.color("accent"), 2.5))

    def _paint_key(self, easel: Easel, key: Keyframe, *, chosen: bool) -> None:
        scene = easel.scene
        # whole device pixels keep thumbnails sharp
        box = QRectF(round(scene.view.value.x(key.time)) - THUMB / 2, _THUMB_TOP, THUMB, THUMB)
        hover = scene.hover.value
        under = hover.part is Part.KEY and hover.name == key.id
        card = card_of(key)
        path = self._picture(scene, key, card.asset)
        edge = easel.color("text" if under else "text3")
        picture = self._thumbs.get(path, (THUMB, THUMB), edge) if path else None
        if picture is not None:
            easel.painter.drawPixmap(box.topLeft(), picture)
        else:
            name, color = self._stands_for(card, path)
            depends = (color, edge.rgba(), easel.color("raised").rgba())
            found = self._thumbs.card(
                name, depends, lambda painter: _paint_card(easel, painter, name, color, edge)
            )
            easel.painter.drawPixmap(box.topLeft(), found)
        if chosen:
            ring = box.adjusted(-0.25, -0.25, 0.25, 0.25)
            easel.rounded(ring, THUMB_RADIUS + 1, None, pen(easel.color("panel"), 4.5))
            easel.rounded(ring, THUMB_RADIUS + 1, None, pen(easel.color("accent"), 2.5))

    def _stands_for(self, card: Card, path: Path | None) -> tuple[str, str]:
        """Return what stands for a picture: words and "", or an icon and its colour."""
        if not card.asset:
            return card.words, ""
        if card.asset in self._assets.missing() or (path and self._thumbs.is_broken(path)):
            return "triangle-alert", "failed"
        return "image", "text2"

    def _picture(self, scene: Scene, key: Keyframe, asset: str) -> Path | None:
        """Return the file that shows a keyframe: its picture, or the rendered frame there."""
        if asset:
            return self._assets.path(asset)
        return scene.session.frames.path(nearest_frame(key.time, scene.fps))


def _seen_of(easing: Easing, left: float, right: float, width: int) -> list[tuple[float, float]]:
    """Return (u, eased u) along an easing from `left` to `right` px, of what is seen of it."""
    wide = right - left
    if wide < 2 * width:
        return easing_line(easing, int(wide / STEP))
    first, last = max(-left / wide, 0.0), min((width - left) / wide, 1.0)
    shares = (first + (last - first) * n / _SEEN for n in range(_SEEN + 1))
    return [(u, easing(u)) for u in shares]


def _paint_card(easel: Easel, painter: QPainter, name: str, color: str, edge: QColor) -> None:
    """Draw words, or the icon `name` where there is a colour for it, on a card."""
    box = QRectF(0, 0, THUMB, THUMB)
    painter.setPen(pen(edge, 1))
    painter.setBrush(easel.color("raised"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), THUMB_RADIUS, THUMB_RADIUS)
    if color:
        mark = tinted_pixmap(name, easel.color(color), 20, painter.device().devicePixelRatioF())
        painter.drawPixmap(box.center() - QPointF(10, 10), mark)
        return
    painter.setFont(hint_font())
    painter.setPen(easel.color("text"))
    painter.setClipRect(box.adjusted(3, 3, -3, -3))
    flags = Qt.AlignmentFlag.AlignCenter.value | Qt.TextFlag.TextWordWrap.value
    painter.drawText(box.adjusted(3, 3, -3, -3), flags, name)
