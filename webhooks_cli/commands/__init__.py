"""The commands of `webhooks`, one module each."""
