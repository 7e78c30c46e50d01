"""The background face: Celery tasks that deliver and sweep."""
