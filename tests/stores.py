"""The adapters of one Redis with short methods to fill it, for the tests of use cases and of the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from doubles import REFUSED, SettableClock
from webhooks.accounts.account import Account, AccountChange, Profile, new_ref_id
from webhooks.deliveries.claim import Claim, Claimed, Entry, new_token
from webhooks.deliveries.delivery import Attempt, Delivery, State
from webhooks.deliveries.new_delivery import NewDelivery, new_hook_id
from webhooks.delivery_log.entries import DeliveryRecord
from webhooks.feeds.feed import Feed, FeedSettings, PollRequest, TakenPolls, new_feed_id
from webhooks.http.call import Outcome
from webhooks.http.destinations import read_url
from webhooks.registration.webhook import Webhook
from webhooks.signing.secret_box import ROTATION_WINDOW, Rotation
from webhooks.store.accounts import RedisAccounts
from webhooks.store.buckets import RedisBuckets
from webhooks.store.connection import Client, moment
from webhooks.store.feeds import RedisFeeds
from webhooks.store.ledger import RedisLedger
from webhooks.store.mails import RedisMails
from webhooks.store.records import RedisRecords
from webhooks.store.redeliveries import RedisRecoveries, RedisRedeliveries
from webhooks.store.webhooks import RedisWebhooks

HISTORY = timedelta(days=180)


class Store:
    """All stores; their clock moves only when a test moves it."""

    def __init__(self, redis: Client) -> None:
        self.redis = redis
        self.clock = SettableClock()
        self.accounts = RedisAccounts(redis, self.clock)
        self.buckets = RedisBuckets(redis, self.clock)
        self.webhooks = RedisWebhooks(redis, self.clock)
        self.feeds = RedisFeeds(redis, self.clock)
        self.ledger = RedisLedger(redis, HISTORY, self.clock)
        self.records = RedisRecords(redis, self.clock)
        self.redeliveries = RedisRedeliveries(redis, self.clock)
        self.recoveries = RedisRecoveries(redis, self.clock)
        self.mails = RedisMails(redis, self.clock)

    def account(self, title: str = "Acme", **urls: str) -> str:
        """Add an account whose primary profile has these webhooks, by action; returns its refId.

        Its plan is `business`, without add-ons.
        """
        ref_id = new_ref_id()
        account = Account(ref_id, title, "a@example.com", (), "business", (), moment(self.clock()))
        self.accounts.add_account(account, f"key of {ref_id}")
        self._register(ref_id, urls)
        return ref_id

    def change_plan(self, account: str, plan: str, *add_ons: str) -> None:
        """Change the plan and add-ons of an account."""
        self.accounts.change_account(account, AccountChange(plan=plan, add_ons=add_ons))

    def profile(self, account: str, title: str = "Zoë's shop", **urls: str) -> str:
        """Add a user profile with these webhooks, by action; returns its refId."""
        ref_id = new_ref_id()
        profile = Profile(ref_id, account, title, moment(self.clock()))
        self.accounts.add_profile(profile, f"key of {ref_id}")
        self._register(ref_id, urls)
        return ref_id

    def register(self, ref_id: str, action: str, url: str, sealed_secret: str | None = None) -> None:
        """Register a webhook."""
        self.webhooks.put(ref_id, Webhook(action, read_url(url), moment(self.clock())), None)
        if sealed_secret is not None:
            self.set_secret(ref_id, sealed_secret)

    def set_secret(self, ref_id: str, sealed: str) -> None:
        """Set the secret of a profile; the previous one signs for a while too."""
        before = self.webhooks.current_secret(ref_id)
        assert self.webhooks.put(
            ref_id, None, Rotation(before, sealed, ROTATION_WINDOW if before else timedelta(0))
        )

    def subscribe(self, ref_id: str, url: str = "https://feeds.example/", kind: str = "rss") -> Feed:
        """Subscribe a profile to a feed."""
        return self.feeds.add(ref_id, new_feed_id(), url, FeedSettings(kind))

    def look(self, limit: int = 10, lease: float = 60, **changes: Any) -> TakenPolls:
        """Claim due feeds, with these arguments changed."""
        look = {"token": new_token(), "limit": limit, "share": 10, "lease": lease, "pause": 300, **changes}
        return self.feeds.take(PollRequest(**look))

    def feed(self, ref_id: str) -> Feed:
        """Return the only feed of a profile."""
        (feed,) = self.feeds.all_of(ref_id)
        return feed

    def owed(self, profile: str, **changes: Any) -> str:
        """Accept a `social` event of the profile; returns its hookId."""
        (receipt,) = self.ledger.accept([new_delivery(profile, **changes)])
        assert receipt.hook_id is not None, receipt
        return receipt.hook_id

    def ended(
        self, profile: str, state: State = State.EXHAUSTED, outcome: Outcome = REFUSED, **changes: Any
    ) -> str:
        """Accept a `social` event of the profile, and end it with this outcome; returns its hookId."""
        hook_id = self.owed(profile, **changes)
        self.end(hook_id, state, outcome)
        return hook_id

    def exhausted(self, profile: str, count: int) -> list[str]:
        """Accept this many `social` events, and let the first attempt of each be the last; returns their hookIds.

        The oldest is the first, also among those that ended in the same millisecond.
        """
        hook_ids = []
        for begin in range(0, count, 100):
            made = [new_delivery(profile) for _ in range(min(100, count - begin))]
            self.ledger.accept(made)
            claims = self.claims([delivery.hook_id for delivery in made]).claims
            assert all(self.record([self._last(claim, State.EXHAUSTED, REFUSED) for claim in claims]))
            hook_ids += [claim.hook_id for claim in claims]
        return hook_ids

    def end(self, hook_id: str, state: State = State.EXHAUSTED, outcome: Outcome = REFUSED) -> None:
        """Let the next attempt of a due delivery be its last."""
        assert self.record([self._last(self.claim(hook_id), state, outcome)]) == [True]

    def interrupt_until_exhausted(self, hook_id: str) -> None:
        """Interrupt a due delivery until it is exhausted."""
        while not self.claims([hook_id], lease=0.001).interrupted_too_often:
            self.clock.advance(60)

    def record_of(self, hook_id: str) -> DeliveryRecord:
        """Return everything that is stored about an existing delivery."""
        record = self.records.find(hook_id)
        assert record is not None
        return record

    def owed_mail(self, profile: str, **changes: Any) -> str:
        """Accept an event that makes an e-mail; returns the id of the e-mail."""
        delivery = new_delivery(profile, mails=True, **changes)
        self.ledger.accept([delivery])
        return delivery.hook_id

    def mails_owed(self) -> list[str]:
        """Return the ids of all owed e-mails."""
        return sorted(self.redis.zrange("mailAlarms", 0, -1))

    def mails_ended(self) -> dict[str, int]:
        """Return the number of ended e-mails by outcome."""
        return {ending: int(count) for ending, count in self.redis.hgetall("mailsEnded").items()}

    def claim(self, hook_id: str, lease: float = 15) -> Claim:
        """Claim a due delivery."""
        (claim,) = self.claims([hook_id], lease).claims
        return claim

    def claims(self, hook_ids: Sequence[str], lease: float = 15, token: str | None = None) -> Claimed:
        """Claim deliveries that may be due."""
        return self.ledger.claim(hook_ids, lease, token or new_token())

    def record(self, entries: Sequence[Entry]) -> list[bool]:
        """Record attempts; returns for each whether it was recorded."""
        return [recorded.written for recorded in self.ledger.record(entries)]

    def delivery(self, hook_id: str) -> Delivery:
        """Return an existing delivery."""
        return self.record_of(hook_id).delivery

    def wakeup(self, hook_id: str) -> float | None:
        """Return the seconds until the wake-up time of a delivery; None if it has none."""
        at = self.redis.zscore("alarms", hook_id)
        return None if at is None else (at - self.clock()) / 1000

    def _last(self, claim: Claim, state: State, outcome: Outcome) -> Entry:
        """Return the entry of the last attempt of a delivery."""
        return Entry(claim, state, Attempt(claim.number, claim.began, claim.retry, outcome, claim.url))

    def _register(self, ref_id: str, urls: dict[str, str]) -> None:
        for action, url in urls.items():
            self.register(ref_id, action, url)


def new_delivery(profile: str, action: str = "social", **changes: Any) -> NewDelivery:
    """Return a delivery of a small event, with these fields of the ledger changed."""
    hook_id = new_hook_id()
    payload = json.dumps({"action": action, "refId": profile, "hookId": hook_id, "code": 200})
    return NewDelivery(**{"hook_id": hook_id, "action": action, "profile": profile, "payload": payload, **changes})
