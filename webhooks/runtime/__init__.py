"""What is about threads, processes and time, and nothing of webhooks."""
