"""All that is in Redis but Celery's queues (`messaging.redis_transport`): no other package speaks its commands.

| key | type | what |
|---|---|---|
| `account:<refId>` | hash | an account's plan, add-ons and addresses |
| `profile:<refId>` | hash | a profile: title, account, fingerprints of its key and the one before, sealed secret |
| `oldSecret:<refId>` | string | the sealed secret before a profile's current one; there as long as it signs too |
| `profiles:<refId>` | set | the user profiles of an account |
| `key:<fingerprint>` | string | which account or profile a key belongs to; one that was replaced expires |
| `webhooks:<refId>` | hash | a profile's webhooks by action, each as JSON |
| `delivery:<hookId>` | hash | a delivery that is owed an attempt: payload, state, due time, lease, log |
| `ended:<hookId>` | string | one that has ended: the token of whoever recorded it, and the rest compressed |
| `deliveries:<refId>` | stream | an account's deliveries in the order in which they were accepted |
| `deliveriesOf:<refId>` | stream | the same of a profile |
| `alarms` | sorted set | hookId by the time at which the sweep must publish it again |
| `onItsWay:<refId>` | string | how many deliveries of an account have been due and have not ended |
| `postponed` | hash | queues of what waits as too many go the same way, and how many of each were resumed last |
| `postponed:<queue>` | sorted set | hookIds in such a queue, by when they were stored |
| `refused` | hash | how many of those that were resumed last have come back, by queue |
| `resumedLast` | hash | the last of them, by queue, if its receiver hangs |
| `hanging` | hash | by `<refId> <action>`: until when what is accepted for that webhook waits in which queue |
| `answers:<refId> <action>` | string | until when that webhook is not believed to hang, as a call was answered |
| `resumed` | string | when they were resumed last |
| `resumptions` | string | how often they were |
| `recovery:<id>` | hash | a recovery, and how far it has come; there for a week after its last step |
| `unfinished` | sorted set | recoveries by the time at which the sweep publishes them again |
| `unfinished:<refId>` | set | those of an account |
| `feed:<feedId>` | hash | a feed that a profile follows: its URL, how it was when it was read, its error |
| `feeds:<refId>` | hash | the feedIds of a profile's feeds by URL |
| `feedsDue` | sorted set | accounts that have feeds by the time at which it is their turn |
| `feedsDue:<refId>` | sorted set | the feeds of an account by when each is to be fetched, or its lease ends |
| `feedItems:<feedId>` | sorted set | keys of the items that are known, by when each was in the feed last |
| `mail:<hookId>` | hash | an e-mail that is owed: its event, due time, tries, who has it or has refused it |
| `mailAlarms` | sorted set | ids of e-mails by the time at which the sweep must publish them |
| `mailsEnded` | hash | how many e-mails have ended, by how |
| `idempotency:<producer>:<key>` | hash | the delivery that a producer's key made; kept 24 h |
| `bucket:<kind>:<who>` | hash | how many calls somebody has made lately; there until the bucket is full again |
| `worker:seen` | string | there while a worker was seen lately |
| `worker:sought` | string | written to see whether Redis can be |
"""
