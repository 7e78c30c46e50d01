"""gunicorn's threaded worker, as the API has it."""
