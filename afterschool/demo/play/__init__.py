"""The demo school, played forward by the same actions as the pages use."""
