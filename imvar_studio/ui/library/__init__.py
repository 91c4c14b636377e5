"""The library: the project's pictures, its looks and its takes."""
