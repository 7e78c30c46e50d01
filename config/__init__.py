"""What surrounds the business: settings, queues, logs."""
