"""Immutable values and pure edits; standard library only."""
