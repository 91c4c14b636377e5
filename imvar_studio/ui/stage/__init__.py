"""The stage: the picture at the playhead, its playback, and what it is compared with."""
