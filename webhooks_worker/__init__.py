"""The background face: Celery tasks that deliver, sweep, recover and watch feeds."""
