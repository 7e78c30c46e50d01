-- Have a profile follow a feed, due at once; one that it follows already only gets the new type.
--
-- ARGV: time, refId, feedId, url, type, how many a profile may follow, how many all profiles of an account
-- Returns {'followed', feedId, title or ''}; {'profileIsFull'} or {'accountIsFull'} when there are too many; and
--   {} when there is no such profile.
local ref_id, feed_id, url, kind, most, most_of_account = unpack(ARGV, 2)
local feeds = 'feeds:' .. ref_id

local account = redis.call('HGET', 'profile:' .. ref_id, 'account')
if not account then
    return {}
end
local known = redis.call('HGET', feeds, url)
if known then
    redis.call('HSET', 'feed:' .. known, 'type', kind)
    return {'followed', known, redis.call('HGET', 'feed:' .. known, 'title') or ''}
end
if redis.call('HLEN', feeds) >= tonumber(most) then
    return {'profileIsFull'}
end
-- Each feed is in the line of its account, also while it is leased.
if redis.call('ZCARD', 'feedsDue:' .. account) >= tonumber(most_of_account) then
    return {'accountIsFull'}
end
redis.call('HSET', feeds, url, feed_id)
redis.call('HSET', 'feed:' .. feed_id, 'profile', ref_id, 'account', account, 'url', url, 'type', kind)
set_due(account, feed_id, text(now))
return {'followed', feed_id, ''}
