"""The background face: Celery tasks that deliver, sweep, recover, watch feeds and mail."""
