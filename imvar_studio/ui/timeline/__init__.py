"""The timeline: ruler, keyframes, rendered frames and tracks over time."""
