"""What customers ask about deliveries: the log, page by page, each delivery with its attempts, and a history."""
