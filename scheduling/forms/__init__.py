"""Forms of scheduling, by screen."""
