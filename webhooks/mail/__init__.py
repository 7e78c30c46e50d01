"""The e-mails that events cause."""
