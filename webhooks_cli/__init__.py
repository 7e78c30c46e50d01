"""`webhooks`: what an operator does by hand, beside everything that runs."""
