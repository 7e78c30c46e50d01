"""gunicorn's threaded worker, adapted for the API. All knowledge of gunicorn's internals is here."""
