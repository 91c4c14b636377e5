"""What a job is told and what it says: specs, events, the context it runs in."""
