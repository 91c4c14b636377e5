"""The queue's dock: what is rendered, what waits, what has ended."""
