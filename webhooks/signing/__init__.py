"""Secrets of webhooks, and the signatures made with them."""
