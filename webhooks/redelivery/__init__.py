"""Ended deliveries that are owed again: one at a time, or many in a recovery."""
