"""`make chaos`: break Ringback in every known way under load, and check that it keeps its promises."""
