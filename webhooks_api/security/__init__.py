"""Who may call: keys, rate limits, and the headers that protect browsers."""
