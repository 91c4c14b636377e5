"""Values to recipes: pure functions that decide every picture of a work."""
