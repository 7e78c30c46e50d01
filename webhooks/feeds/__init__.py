"""RSS and Atom feeds, polled for new items."""
