"""Ringback on one machine: `make run`, `make demo`, and the receiver of `webhooks listen`."""
