"""The plain baseline: webhooks as most teams would write them, with Flask, marshmallow, Celery and requests.

One task for each event, with the event in its message; retries by Celery's countdown; no record of what is owed,
no log, no leases, no judgement of addresses. It knows nothing of the product's code.
"""
