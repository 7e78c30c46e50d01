"""The business of Ringback: nouns and rules, use cases, and the adapters to Redis and libcurl."""
