"""Who may be called now: no receiver, host or account takes all of a worker's calls."""
