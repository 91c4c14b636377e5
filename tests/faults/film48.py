"""The film that faults befall."""

FRAMES = 48
OPTIONS = ["--frames-per-transition", "47", "--steps", "4", "--batch", "4", "--precision", "fp32"]
