"""Deliveries that have ended and are sent once more."""
