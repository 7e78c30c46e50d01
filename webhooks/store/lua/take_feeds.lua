-- Take feeds that are due, each for as long as a lease; then it is due again.
--
-- ARGV: time, limit, lease, token
-- Returns {now, feeds}, each feed {feedId, profile, url, type, title, etag, lastModified, digest, fetched, failures};
--   of what is not known yet, nil.
local limit, lease, token = unpack(ARGV, 2)
local taken = {}

for _, feed_id in ipairs(redis.call('ZRANGEBYSCORE', 'feedsDue', '-inf', text(now), 'LIMIT', 0, limit)) do
    local feed = 'feed:' .. feed_id
    redis.call('ZADD', 'feedsDue', text(now + lease), feed_id)
    redis.call('HSET', feed, 'token', token)
    taken[#taken + 1] = {feed_id, unpack(redis.call('HMGET', feed,
        'profile', 'url', 'type', 'title', 'etag', 'lastModified', 'digest', 'fetched', 'failures'))}
end
return {text(now), taken}
