"""Imvar Studio: films, variations and prints with image-variation diffusion."""

__version__ = "0.1.0"
