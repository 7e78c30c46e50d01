"""How gunicorn serves the API; the Procfile's `web` names this module."""

from __future__ import annotations

from config.settings import Settings

_settings = Settings.from_environment()

bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = 2
# When Redis begins to hang, each request holds a thread for a second, until the first is told; with few threads
# the others would wait beyond the 3 s in which they are told.
threads = 64
# Longer than load balancers keep their idle connections, so that these end them and never run into a closed one.
keepalive = 75
# Seconds to answer what has come in when the server is told to stop.
graceful_timeout = 10
# Its place would be the home directory, which servers side by side would share.
control_socket_disable = True
