"""Papers of enrollment; the modules below are private."""
