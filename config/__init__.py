"""Settings, their parsing, and logs."""
