"""HTTP calls: where they may go, and how they are made."""
