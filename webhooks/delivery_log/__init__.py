"""What customers ask of the past: deliveries, attempts and the history of posts."""
