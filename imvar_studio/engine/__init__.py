"""Torch: recipes to pixels."""
