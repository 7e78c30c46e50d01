-- uses: feeds
-- Subscribe a profile to a feed, which is due at once; a feed that it has already only gets the new settings.
--
-- ARGV: time, refId, feedId, url, type, autoHashtag, useFirstImage, the maximum of a profile, and that of all profiles of
--   an account; a setting that is '' stays as it is
-- Returns {'followed', feedId, the feed's fields}; {'profileIsFull'} or {'accountIsFull'} when there are too many; and
--   {} when there is no such profile.
local ref_id, feed_id, url, kind, hashtag, image, max_of_profile, max_of_account = unpack(ARGV, 2)
local feeds = 'feeds:' .. ref_id

local account = redis.call('HGET', 'profile:' .. ref_id, 'account')
if not account then
    return {}
end
local known = redis.call('HGET', feeds, url)
if known then
    change_feed('feed:' .. known, kind, hashtag, image)
    return {'followed', known, redis.call('HGETALL', 'feed:' .. known)}
end
if redis.call('HLEN', feeds) >= tonumber(max_of_profile) then
    return {'profileIsFull'}
end
-- Each feed is in the line of its account, also while it is leased.
if redis.call('ZCARD', 'feedsDue:' .. account) >= tonumber(max_of_account) then
    return {'accountIsFull'}
end
local feed = 'feed:' .. feed_id
redis.call('HSET', feeds, url, feed_id)
redis.call('HSET', feed, 'profile', ref_id, 'account', account, 'url', url, 'type', 'rss')
change_feed(feed, kind, hashtag, image)
set_due(account, feed_id, text(now))
return {'followed', feed_id, redis.call('HGETALL', feed)}
