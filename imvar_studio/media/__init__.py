"""Files and pixels without models: pictures, colour, metadata, video."""
