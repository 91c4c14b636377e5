"""Disk: project folders, assets, frames, takes, caches, models found."""
