"""The HTTP face: what customers, producers and operators call."""
