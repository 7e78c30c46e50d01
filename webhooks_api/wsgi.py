"""What gunicorn serves: `webhooks_api.wsgi:app`."""

from __future__ import annotations

from config.logs import configure_logs
from config.settings import Settings
from webhooks.runtime.memory import collect_garbage_seldom, share_arenas
from webhooks_api.app import create_app
from webhooks_api.server.few_open_files import warn_of_few_open_files

share_arenas()
configure_logs()
warn_of_few_open_files()
app = create_app(Settings.from_environment())
collect_garbage_seldom()
