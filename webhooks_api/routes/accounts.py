"""`/api/admin/accounts`: an operator opens and changes accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from webhooks.accounts.account import Account, AccountChange
from webhooks.accounts.manager import AccountManager
from webhooks_api.blueprints import ApiBlueprint
from webhooks_api.input.moments import to_second
from webhooks_api.schemas.accounts import (
    AccountAnswer,
    AccountBody,
    AccountChangeBody,
    AccountCreated,
    ApiKeyReplaced,
)
from webhooks_api.schemas.keys import OperatorsNewKeyBody
from webhooks_api.security.authentication import Gate


def account_routes(account_manager: AccountManager, gate: Gate) -> ApiBlueprint:
    """Return the blueprint."""
    blueprint = ApiBlueprint(
        "accounts", __name__, url_prefix="/api/admin/accounts", description="Accounts", errors=(404, 409)
    )
    blueprint.before_request(gate)

    @blueprint.post("")
    @blueprint.arguments(AccountBody)
    @blueprint.response(201, AccountCreated)
    def open_account(body: dict[str, Any]) -> dict[str, Any]:
        """Open an account. Its API key is shown in this answer and never again."""
        account, key = account_manager.open_account(
            body["title"], body["email"], tuple(body["altEmails"]), body["plan"], tuple(body["addOns"])
        )
        return _shown(account) | {"apiKey": key}

    @blueprint.get("/<ref_id>")
    @blueprint.response(200, AccountAnswer)
    def show_account(ref_id: str) -> dict[str, Any]:
        """Show an account."""
        return _shown(account_manager.account(ref_id))

    @blueprint.patch("/<ref_id>")
    @blueprint.arguments(AccountChangeBody)
    @blueprint.response(200, AccountAnswer)
    def change_account(body: dict[str, Any], ref_id: str) -> dict[str, Any]:
        """Change an account's plan, add-ons or addresses; fields that are left out stay."""
        change = AccountChange(
            email=body.get("email"),
            alt_emails=tuple(body["altEmails"]) if "altEmails" in body else None,
            plan=body.get("plan"),
            add_ons=tuple(body["addOns"]) if "addOns" in body else None,
        )
        return _shown(account_manager.change_account(ref_id, change))

    @blueprint.post("/<ref_id>/key")
    @blueprint.arguments(OperatorsNewKeyBody)
    @blueprint.response(200, ApiKeyReplaced)
    def replace_api_key(body: dict[str, Any], ref_id: str) -> dict[str, Any]:
        """Replace an account's API key. The new one is shown in this answer and never again.

        The old key stays valid for `graceSeconds`. While an earlier key is still valid too, the call is refused
        with 409, unless `graceSeconds` is 0, which ends all older keys at once.
        """
        key, old_key_until = account_manager.replace_api_key(ref_id, timedelta(seconds=body["graceSeconds"]))
        return {"refId": ref_id, "apiKey": key, "oldKeyValidUntil": to_second(old_key_until)}

    return blueprint


def _shown(account: Account) -> dict[str, Any]:
    return {
        "refId": account.ref_id,
        "title": account.title,
        "email": account.email,
        "altEmails": list(account.alt_emails),
        "plan": account.plan,
        "addOns": list(account.add_ons),
    }
