"""Celery's queues: what is put into them, by whom, and through which broker."""
