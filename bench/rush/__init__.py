"""A rush: all families of a school apply within a minute. `.venv/bin/python -m bench.rush`."""
