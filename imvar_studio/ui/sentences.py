"""Sentences for people, made of what errors say."""

from __future__ import annotations


def sentence(text: str) -> str:
    """Return the text as a sentence: with a capital and a full stop; "" stays ""."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
