"""Reading requests strictly: paths, queries, bodies and their fields."""
