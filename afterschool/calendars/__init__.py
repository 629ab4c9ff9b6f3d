"""A person's own calendar: composed of what every app knows, as a page and as a feed for the phone."""
