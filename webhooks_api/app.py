"""The composition root of the API: everything is made here and passed in."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings
from messaging.broker import broker_settings
from messaging.publishers import DeliverQueue, RecoverQueue
from messaging.queues import celery_app
from webhooks.accounts.manager import AccountManager
from webhooks.accounts.rate_limits import RateLimiter
from webhooks.deliveries.accept import EventIntake
from webhooks.deliveries.wakeup import PublishIds
from webhooks.delivery_log.history import PostHistory
from webhooks.delivery_log.log import DeliveryLog
from webhooks.feeds.subscribe import Subscriptions
from webhooks.http.resolver import Resolver
from webhooks.redelivery.bulk import Publish, RecoveryRunner
from webhooks.redelivery.resend import Resender
from webhooks.registration.register import Registration
from webhooks.registration.sample_event import SampleEvents
from webhooks.registration.url_policy import Names, UrlPolicy
from webhooks.signing.secret_box import SecretBox
from webhooks.store.accounts import RedisAccounts
from webhooks.store.buckets import RedisBuckets
from webhooks.store.connection import Client, Clock, connect
from webhooks.store.feeds import RedisFeeds
from webhooks.store.ledger import RedisLedger
from webhooks.store.records import RedisRecords
from webhooks.store.redeliveries import RedisRecoveries, RedisRedeliveries
from webhooks.store.webhooks import RedisWebhooks
from webhooks.store.workers import RedisWorkers
from webhooks_api.aliases import add_aliases
from webhooks_api.documentation.docs_page import docs_page
from webhooks_api.documentation.front_page import front_page
from webhooks_api.documentation.openapi import PROFILE_KEY, document_api
from webhooks_api.errors import install_errors
from webhooks_api.input.queries import check_queries
from webhooks_api.json_flask import JsonFlask
from webhooks_api.routes.accounts import account_routes
from webhooks_api.routes.deliveries import delivery_routes
from webhooks_api.routes.events import event_routes
from webhooks_api.routes.feeds import feed_routes
from webhooks_api.routes.health import health_routes
from webhooks_api.routes.history import history_routes
from webhooks_api.routes.profile_keys import profile_key_routes
from webhooks_api.routes.profiles import profile_routes
from webhooks_api.routes.recoveries import recovery_routes
from webhooks_api.routes.trials import trial_routes
from webhooks_api.routes.webhooks import webhook_routes
from webhooks_api.security.authentication import customers_only, operators_only, producers_only
from webhooks_api.security.headers import install_rate_limit_headers, install_security_headers
from webhooks_api.security.weak_keys import warn_of_weak_keys

#: The maximum length of a body, except a batch of events.
MAX_BODY_BYTES = 262_144


def create_app(
    settings: Settings,
    redis: Client | None = None,
    publish_ids: PublishIds | None = None,
    *,
    publish_recovery: Publish | None = None,
    names: Names | None = None,
    clock: Clock | None = None,
) -> Flask:
    """Return the Flask application.

    Args:
        redis: the storage; the settings' Redis if None.
        publish_ids: publishes ids of deliveries; with Celery if None.
        publish_recovery: publishes recoveries; with Celery if None.
        names: looks up names; with the settings' name servers if None.
        clock: milliseconds since 1970, for tests; the clock of Redis if None.
    """
    warn_of_weak_keys(settings)
    redis = redis if redis is not None else connect(settings.redis.url, settings.redis.sentinels)
    celery = celery_app("ringback-api", broker_settings(settings.redis, settings.rabbitmq))
    queue = DeliverQueue(celery)
    lanes = queue.lanes() if publish_ids is None and settings.redis_publishes else None
    publish_ids = publish_ids if publish_ids is not None else queue
    publish_recovery = publish_recovery if publish_recovery is not None else RecoverQueue(celery)
    names = names if names is not None else Resolver(settings.name_servers)
    webhooks = RedisWebhooks(redis, clock)
    accounts = RedisAccounts(redis, clock)
    ledger = RedisLedger(redis, timedelta(days=settings.history_days), clock, settings.replicas, lanes)
    records = RedisRecords(redis, clock)
    account_manager = AccountManager(accounts)
    rate_limiter = RateLimiter(RedisBuckets(redis, clock), settings.api_limit, settings.ingest_limit)
    customers = customers_only(account_manager, rate_limiter)
    profile_customers = customers_only(account_manager, rate_limiter, key_in_body=True)

    app = JsonFlask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    if proxies := settings.trusted_proxies:
        # A caller can write anything into X-Forwarded-For; the entries of the proxies in front are at its end.
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    api = document_api(app)
    install_errors(app)
    install_rate_limit_headers(app)
    install_security_headers(app)
    box = SecretBox(settings.secret_keys)
    url_policy = UrlPolicy(names, settings.allowed_networks)
    registration = Registration(webhooks, accounts, box, url_policy)
    intake = EventIntake(webhooks, ledger, publish_ids)
    delivery_log = DeliveryLog(records, accounts)
    resender = Resender(records, RedisRedeliveries(redis, clock), accounts, publish_ids)
    recovery_runner = RecoveryRunner(
        records, RedisRecoveries(redis, clock), accounts, publish_ids, publish_recovery
    )
    subscriptions = Subscriptions(RedisFeeds(redis, clock), url_policy.check)
    for blueprint in (
        webhook_routes(registration, customers),
        profile_routes(account_manager, rate_limiter, profile_customers),
        trial_routes(SampleEvents(intake, accounts), customers),
        history_routes(PostHistory(records), customers),
        delivery_routes(delivery_log, resender, customers),
        recovery_routes(delivery_log, recovery_runner, customers),
        feed_routes(subscriptions, intake, customers),
    ):
        api.register_blueprint(blueprint, parameters=[PROFILE_KEY])
    api.register_blueprint(event_routes(intake, producers_only(settings.producer_keys, rate_limiter)))
    operators = operators_only(settings.admin_key, rate_limiter)
    api.register_blueprint(account_routes(account_manager, operators))
    api.register_blueprint(profile_key_routes(account_manager, operators))
    app.register_blueprint(health_routes(RedisWorkers(redis)))
    app.register_blueprint(docs_page())
    app.register_blueprint(front_page())
    add_aliases(app)
    check_queries(app)
    return app
