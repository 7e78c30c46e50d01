"""The workers: Celery tasks that deliver, sweep, redeliver, poll feeds and send e-mails."""
