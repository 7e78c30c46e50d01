"""`make demo`: an event of each kind, sent, received and checked against what was promised."""
