"""Setting a school and its terms up: the one place that composes the defaults of all apps."""
