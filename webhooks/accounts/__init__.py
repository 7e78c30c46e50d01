"""Accounts and their profiles, their keys, what their plans include, and their rate limits."""
