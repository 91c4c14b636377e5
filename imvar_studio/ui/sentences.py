"""Sentences for people, made of what errors say."""

from __future__ import annotations


def sentence(text: str) -> str:
    """Return the text as a sentence: with a capital and a full stop; "" stays "".

    A file's name that it begins with is left as it is.
    """
    first = text.partition(" ")[0].rstrip(".,:;")
    begin = text[:1] if "." in first or "/" in first else text[:1].upper()
    return f"{begin}{text[1:].rstrip('.')}." if text else ""
