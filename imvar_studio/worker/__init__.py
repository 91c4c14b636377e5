"""The job functions: where plans, engine, media and store meet."""
