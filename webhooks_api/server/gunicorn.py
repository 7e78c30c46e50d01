"""How gunicorn serves the API; the Procfile's `web` names this module."""

from __future__ import annotations

from config.settings import Settings
from webhooks.runtime.open_files import allow_many_open_files
from webhooks_api.server.capacity import api_capacity_within

_settings = Settings.from_environment()
_capacity = api_capacity_within(allow_many_open_files())  # its children inherit the limit

bind = _settings.bind
worker_class = "webhooks_api.server.worker.Worker"
workers = 2
# When Redis stops responding, each request holds a thread for a second, until the first gets its error. With few
# threads the others would wait longer than the 3 s within which they must get theirs.
threads = _capacity.threads
worker_connections = _capacity.connections
# What is longer is answered 414 or 431: bytes of the request line, header lines, bytes of each. The longest that
# anybody has use for are a query of some hundred bytes, and the fields that proxies add.
limit_request_line = 4_094
limit_request_fields = 64
limit_request_field_size = 8_190
# From a caller at this machine, as a proxy is, gunicorn would take a prefix of the path: a path of ours would be
# found below any. Header names with an underscore are dropped, but for those named here.
forwarder_headers = ""
# Longer than load balancers keep their idle connections, so that these end them and never run into a closed one.
keepalive = 75
# Seconds to answer requests that have arrived when the server is stopped.
graceful_timeout = 10
# By default it is in the home directory, which several servers would share.
control_socket_disable = True
