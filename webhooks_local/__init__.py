"""Ringback on one machine: `make run`, `make demo`, `make receiver`."""
