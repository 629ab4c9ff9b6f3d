"""Questions about sheets, children's months and monthly figures, each cut to the person who asks."""
