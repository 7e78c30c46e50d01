-- uses: feeds
-- Remove a profile's feed, and what is known of its items.
--
-- ARGV: time, refId, feedId
-- Returns {1}, or {0} when the profile has no such feed.
local ref_id, feed_id = unpack(ARGV, 2)
local profile, account, url = unpack(redis.call('HMGET', 'feed:' .. feed_id, 'profile', 'account', 'url'))

if profile ~= ref_id then
    return {0}
end
redis.call('HDEL', 'feeds:' .. ref_id, url)
forget_feed(account, feed_id)
return {1}
