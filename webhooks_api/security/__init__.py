"""Authentication by keys, rate limits, and security headers."""
