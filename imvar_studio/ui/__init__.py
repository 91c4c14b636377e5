"""The window: Qt lives only here; heavy work is done elsewhere and told by signals."""
