"""Aliases: other paths of calls that Ayrshare's clients use. The OpenAPI document leaves them out."""

from __future__ import annotations

from flask import Flask

#: Path -> method -> the endpoint of the call, with its gate and its limits.
ALIASES = {
    "/api/hook": {
        "POST": "webhook.register_webhook",
        "DELETE": "webhook.unregister_webhook",
        "GET": "webhook.list_webhooks",
    },
    "/api/profiles/profile": {
        "POST": "profiles.create_profile",
        "DELETE": "profiles.delete_profile",
        "PUT": "profiles.update_profile",
        "PATCH": "profiles.update_profile",
    },
    "/api/profiles/create-profile": {"POST": "profiles.create_profile"},
    "/api/profiles/delete-profile": {"DELETE": "profiles.delete_profile"},
}


def add_aliases(app: Flask) -> None:
    """Add the aliases; the calls themselves must have been registered before."""
    for path, endpoints in ALIASES.items():
        for method, endpoint in endpoints.items():
            app.add_url_rule(path, endpoint, methods=[method])
