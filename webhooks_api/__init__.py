"""The HTTP API for customers, producers and operators."""
