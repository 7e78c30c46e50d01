"""All that is in Redis but Celery's queues (`messaging.redis_transport`): no other package speaks its commands.

Names of keys stay as they are from version to version; what a name says today may be an older word.

| key | type | what |
|---|---|---|
| `account:<refId>` | hash | an account's plan, add-ons and addresses |
| `profile:<refId>` | hash | title, account, fingerprints of the current and previous key, sealed secret |
| `oldSecret:<refId>` | string | a profile's previous sealed secret; expires with its rotation window |
| `profiles:<refId>` | set | the user profiles of an account |
| `key:<fingerprint>` | string | the account or profile that a key belongs to; a replaced key expires |
| `webhooks:<refId>` | hash | a profile's webhooks by action, each as JSON |
| `delivery:<hookId>` | hash | an owed delivery: payload, state, due time, lease, log |
| `ended:<hookId>` | string | an ended delivery: the token of the claim that recorded it, and the rest compressed |
| `deliveries:<refId>` | stream | an account's deliveries in the order in which they were accepted |
| `deliveriesOf:<refId>` | stream | the same of a profile |
| `alarms` | sorted set | hookIds by their wake-up times: when the sweep publishes them again |
| `onItsWay:<refId>` | string | how many deliveries of an account have been due and have not ended |
| `postponed` | hash | the names of the deferred sets, and how many of each were resumed last |
| `postponed:<set>` | sorted set | the hookIds of a deferred set, by when they were stored |
| `deferredSet:<set>` | hash | `breadth` (defer.lua), and `host` and `webhook` of an unresponsive receiver |
| `refused` | hash | how many of those that were resumed last were deferred again, by set |
| `resumedLast` | hash | the last one resumed of a set, if its receiver is unresponsive |
| `hanging` | hash | `<refId> <action>` of unresponsive webhooks: until when deliveries join which set |
| `answers:<refId> <action>` | string | until when that webhook counts as responsive, as a call was answered |
| `resumed` | string | when deferred deliveries were resumed last |
| `resumptions` | string | how often they were |
| `recovery:<id>` | hash | a recovery and its progress; kept for a week after its last step |
| `unfinished` | sorted set | running recoveries by the time at which the sweep publishes them again |
| `unfinished:<refId>` | set | the running recoveries of an account |
| `feed:<feedId>` | hash | a feed: its profile, its URL, how it was when it was read, its error |
| `feeds:<refId>` | hash | the feedIds of a profile's feeds by URL |
| `feedsDue` | sorted set | accounts with feeds, by when it is their turn |
| `feedsDue:<refId>` | sorted set | the feeds of an account by when each is to be fetched, or its lease ends |
| `feedItems:<feedId>` | sorted set | keys of the known items, by when each was last in the feed |
| `mail:<hookId>` | hash | an owed e-mail: its event, due time, tries, who has it or has refused it |
| `mailAlarms` | sorted set | ids of e-mails by their wake-up times |
| `mailsEnded` | hash | how many e-mails have ended, by how |
| `idempotency:<producer>:<key>` | hash | the delivery that a producer's key made; kept for 24 h |
| `bucket:<kind>:<who>` | hash | how many calls a caller has made lately; expires when the bucket is full again |
| `worker:seen` | string | exists while a worker was seen lately |
| `worker:sought` | string | written to see whether Redis can be |
"""
