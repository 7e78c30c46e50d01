"""gunicorn's settings for the API; the Procfile's `web` names this module."""

from __future__ import annotations

from config.settings import Settings
from webhooks.runtime.open_files import allow_many_open_files
from webhooks_api.server.capacity import api_capacity_within

_settings = Settings.from_environment()
_capacity = api_capacity_within(allow_many_open_files())  # its children inherit the limit

bind = _settings.bind
worker_class = "webhooks_api.server.worker.Worker"
workers = 2
# When Redis stops responding, each request blocks a thread for a second until the first one fails. With few
# threads, others would wait longer than the 3 s within which they must get an error.
threads = _capacity.threads
worker_connections = _capacity.connections
# The maximum bytes of the request line, number of header lines, and bytes of each; longer requests get 414 or 431.
# Real requests have queries of some hundred bytes, and the fields that proxies add.
limit_request_line = 4_094
limit_request_fields = 64
limit_request_field_size = 8_190
# From a caller on this machine, such as a proxy, gunicorn would accept a path prefix, so that each route could be
# found below any prefix. Header names with an underscore are dropped, except these.
forwarder_headers = ""
# Longer than load balancers keep idle connections, so that they close them, and never use a closed one.
keepalive = 75
# Seconds to answer requests that have arrived when the server stops.
graceful_timeout = 10
# By default, it would be in the home directory, which several servers may share.
control_socket_disable = True
