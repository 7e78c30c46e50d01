"""Signing secrets, encrypted at rest, and the signatures that they make."""
