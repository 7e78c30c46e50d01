"""Everything in Redis except Celery's queues (`messaging.redis_transport`). No other package uses Redis commands.

The names of keys never change between versions, so some have older words.

| key | type | what |
|---|---|---|
| `account:<refId>` | hash | an account's plan, add-ons and addresses |
| `profile:<refId>` | hash | title, account, fingerprints of the current and previous key, sealed secret |
| `oldSecret:<refId>` | string | a profile's previous sealed secret; expires with its rotation window |
| `profiles:<refId>` | set | the user profiles of an account |
| `key:<fingerprint>` | string | the account or profile that a key belongs to; a replaced key expires |
| `webhooks:<refId>` | hash | a profile's webhooks by action, each as JSON |
| `delivery:<hookId>` | hash | an owed delivery: payload, state, due time, lease, log |
| `ended:<hookId>` | string | an ended delivery: the token of the claim that ended it, and the rest compressed |
| `deliveries:<refId>` | stream | an account's deliveries in the order in which they were accepted |
| `deliveriesOf:<refId>` | stream | the deliveries of a profile, likewise |
| `alarms` | sorted set | hookIds by wake-up time, at which the sweep publishes them |
| `onItsWay:<refId>` | string | how many deliveries of an account have been due and have not ended |
| `postponed` | hash | the names of the deferred sets, and how many of each were resumed last |
| `postponed:<set>` | sorted set | the hookIds of a deferred set, by when they were stored |
| `deferredSet:<set>` | hash | `breadth` (defer.lua), and `host` and `webhook` of an unresponsive receiver |
| `refused` | hash | by set: how many of the deliveries that were resumed last were deferred again |
| `resumedLast` | hash | by set: the last hookId that was resumed, if its receiver is unresponsive |
| `hanging` | hash | by `<refId> <action>` of an unresponsive webhook: until when new deliveries join which set |
| `answers:<refId> <action>` | string | until when this webhook counts as responsive, because a call was answered |
| `resumed` | string | when deferred deliveries were last resumed |
| `resumptions` | string | how often deferred deliveries were resumed |
| `recovery:<id>` | hash | a recovery and its progress; kept for a week after its last step |
| `unfinished` | sorted set | running recoveries by the time at which the sweep publishes them again |
| `unfinished:<refId>` | set | the running recoveries of an account |
| `feed:<feedId>` | hash | a feed: its profile, URL, settings, validators, error |
| `feeds:<refId>` | hash | the feedIds of a profile's feeds by URL |
| `feedsDue` | sorted set | accounts with feeds, by when one of their feeds may be polled |
| `feedsDue:<refId>` | sorted set | the feeds of an account, by when each is due or its lease ends |
| `feedItems:<feedId>` | sorted set | keys of the known items, by when each was last in the feed |
| `mail:<hookId>` | hash | an owed e-mail: its event, due time, tries, and who accepted or refused it |
| `mailAlarms` | sorted set | ids of e-mails by wake-up time |
| `mailsEnded` | hash | how many e-mails have ended in each way |
| `idempotency:<producer>:<key>` | hash | the delivery of the event with this idempotency key; kept for 24 h |
| `bucket:<kind>:<who>` | hash | a token bucket; expires when it is full again |
| `worker:seen` | string | exists while a worker has recently given a sign of life |
| `worker:sought` | string | written to test whether Redis accepts writes |
"""
