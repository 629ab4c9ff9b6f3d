"""A whole afternoon played by everybody at once, with cuts and restarts in it. `.venv/bin/python -m bench.afternoon`."""
