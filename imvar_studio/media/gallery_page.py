"""A gallery as one page of HTML that needs nothing else: its pictures lie within."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDEST = 2400  # px of a sheet on the page; the file beside it keeps all of it
_QUALITY = 88  # of WebP
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --ground: #ffffff; --ink: #16181c; --quiet: #5b6168; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ground: #17191c; --ink: #eceef0; --quiet: #a7adb4; }}
}}
body {{ margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 4rem); max-width: 1700px;
  background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }}
h1 {{ font-size: 1.7rem; margin: 0 0 1rem; }}
h2 {{ font-size: 1.15rem; margin: 0 0 .25rem; }}
nav {{ columns: 16rem; margin-bottom: 2.5rem; }}
nav a {{ display: block; color: inherit; padding: .1rem 0; }}
section {{ margin: 0 0 3rem; }}
p {{ margin: 0 0 .75rem; max-width: 75ch; color: var(--quiet); }}
img {{ display: block; max-width: 100%; height: auto; border-radius: 6px; background: #ffffff; }}
</style>
</head>
<body>
<h1>{title}</h1>
<nav aria-label="Figures">
{links}
</nav>
<main>
{figures}
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a gallery.

    Args:
        id: for links.
        title: above it.
        text: what it shows.
        picture: its file.
    """

    id: str
    title: str
    text: str
    picture: Path


def gallery_page(title: str, figures: Iterable[Figure]) -> str:
    """Return the page; its pictures are made at most 2400 px wide, as WebP.

    Raises:
        OSError: for a picture that cannot be read.
    """
    shown = list(figures)
    links = [f'<a href="#{_attribute(each.id)}">{html.escape(each.title)}</a>' for each in shown]
    return _PAGE.format(
        title=html.escape(title),
        links="\n".join(links),
        figures="\n".join(map(_section, shown)),
    )


def _section(figure: Figure) -> str:
    with Image.open(figure.picture) as image:
        small = image.convert("RGB")
    if small.width > _WIDEST:
        high = round(small.height * _WIDEST / small.width)
        small = small.resize((_WIDEST, high), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "WEBP", quality=_QUALITY)
    data = base64.b64encode(file.getvalue()).decode()
    text = f"<p>{html.escape(figure.text)}</p>\n" if figure.text else ""
    return (
        f'<section id="{_attribute(figure.id)}">\n<h2>{html.escape(figure.title)}</h2>\n{text}'
        f'<img width="{small.width}" height="{small.height}" alt="{_attribute(figure.title)}" '
        f'src="data:image/webp;base64,{data}">\n</section>'
    )


def _attribute(text: str) -> str:
    return html.escape(text, quote=True)
