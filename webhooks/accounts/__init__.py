"""Accounts and their profiles, the keys that open them, what their plans include, and how often they may call."""
