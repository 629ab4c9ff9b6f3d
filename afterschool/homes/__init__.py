"""The home page of each role: what matters to this person now. Composed here, since it speaks to all apps."""
