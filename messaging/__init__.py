"""Celery and kombu: the queues, the publishers, the messages, and the brokers."""
