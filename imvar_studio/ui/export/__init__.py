"""The export dialog: what of a film becomes a file, and how."""
