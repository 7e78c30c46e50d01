"""The plain baseline: webhooks as most teams would write them, with Flask, marshmallow, Celery and requests.

One task for each event, with the event in its message; retries by Celery's countdown; no store of owed events, no
log, no leases, and no check of addresses. It uses none of the product's code.
"""
