"""`webhooks`: what developers, producers and operators do by hand, through the API."""
