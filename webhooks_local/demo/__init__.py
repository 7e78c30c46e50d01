"""`make demo`: sends an event of each kind to a local receiver, and checks what Ringback promises."""
