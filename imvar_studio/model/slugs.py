"""Words as parts of file names and of ids."""

from __future__ import annotations

import re


def slug(words: str, longest: int, keep: str = "") -> str:
    """Return words in lower case, of a-z, 0-9 and what is kept, a dash for all else.

    Args:
        words: any text.
        longest: characters at most.
        keep: other characters that stay, but for both ends.

    Returns:
        "" where nothing is left of the words.
    """
    ends = "-" + keep
    found = re.sub(rf"[^a-z0-9{re.escape(keep)}]+", "-", words.lower()).strip(ends)
    return found[:longest].rstrip(ends)
