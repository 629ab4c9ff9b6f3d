"""Children's data across all apps: what is kept, a copy of it, its erasure, who looked at it (A5)."""
