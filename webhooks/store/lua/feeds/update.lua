-- uses: feeds
-- Change the settings of a profile's feed; one that is '' stays as it is.
--
-- ARGV: time, refId, feedId, type, autoHashtag, useFirstImage
-- Returns {the feed's fields}, or {} when the profile has no such feed.
local ref_id, feed_id = ARGV[2], ARGV[3]
local feed = 'feed:' .. feed_id

if redis.call('HGET', feed, 'profile') ~= ref_id then
    return {}
end
change_feed(feed, ARGV[4], ARGV[5], ARGV[6])
return {redis.call('HGETALL', feed)}
