"""A closed term's papers as one file: what stands in it, the few lists that exist nowhere else, the making step by step."""
