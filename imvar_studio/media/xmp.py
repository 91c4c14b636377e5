"""XMP packets: where a picture came from, in the words of IPTC.

Sources: ISO 16684-1 (XMP), IPTC Photo Metadata Standard 2023 (Digital Source Type).
"""

from __future__ import annotations

import html
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PNG_KEYWORD = "XML:com.adobe.xmp"
GENERATED = "trainedAlgorithmicMedia"
COMPOSITE = "compositeWithTrainedAlgorithmicMedia"

_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 Iptc4xmpExt:DigitalSourceType="{source}"
 xmp:CreatorTool="{tool}"/>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
# the box that Adobe's specification gives XMP in ISO base media files (MP4, MOV)
_BOX = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")


def xmp_packet(source: str, tool: str) -> str:
    """Return an XMP packet.

    Args:
        source: IPTC digital source type, `GENERATED` or `COMPOSITE`.
        tool: the program that made the picture.
    """
    return _PACKET.format(source=_TYPES + source, tool=html.escape(tool))


def append_xmp_box(film: Path, packet: str) -> None:
    """Add a packet to the end of an MP4 or MOV as a box of its own, as players skip it.

    Raises:
        OSError: from the disk.
    """
    data = packet.encode()
    with film.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + len(_BOX) + len(data), b"uuid") + _BOX + data)
