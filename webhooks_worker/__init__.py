"""The background face: Celery tasks that deliver, sweep and recover."""
