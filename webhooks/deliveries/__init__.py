"""The life of a delivery: accepted, claimed, sent, recorded, and published again while it is owed."""
