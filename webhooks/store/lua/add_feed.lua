-- Have a profile follow a feed, due at once; one that it follows already only gets the new type.
--
-- ARGV: time, refId, feedId, url, type, how many a profile may follow
-- Returns {feedId, title or ''}, {'', ''} when there are too many, {} when there is no such profile.
local ref_id, feed_id, url, kind, most = unpack(ARGV, 2)
local feeds = 'feeds:' .. ref_id

if redis.call('EXISTS', 'profile:' .. ref_id) == 0 then
    return {}
end
local known = redis.call('HGET', feeds, url)
if known then
    redis.call('HSET', 'feed:' .. known, 'type', kind)
    return {known, redis.call('HGET', 'feed:' .. known, 'title') or ''}
end
if redis.call('HLEN', feeds) >= tonumber(most) then
    return {'', ''}
end
redis.call('HSET', feeds, url, feed_id)
redis.call('HSET', 'feed:' .. feed_id, 'profile', ref_id, 'url', url, 'type', kind)
redis.call('ZADD', 'feedsDue', text(now), feed_id)
return {feed_id, ''}
