"""`make run`: Redis, API, worker and beat on one machine."""
