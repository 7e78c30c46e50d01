"""`make chaos`: break Ringback in every way there is, under load, and count what became of its promises."""
