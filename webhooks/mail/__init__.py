"""The e-mails that events make."""
