-- uses: feeds_due
-- Record a poll of a feed, unless it had outlived its lease or the feed was removed meanwhile.
--
-- ARGV: time, feedId, token, when it is due next, error or '', title, link or '' if it is not known, etag, lastModified,
--   digest, how many more keys stay known than the feed has ever had at a time, then those of the items that are in it;
--   none of a feed that has not changed; of one that could not be read to its end, those that were published
-- Returns {1}, or {0} when nothing was written.
local feed_id, token, due, failure, title, link, etag, last_modified, digest, spare = unpack(ARGV, 2, 11)
local feed, items = 'feed:' .. feed_id, 'feedItems:' .. feed_id

if redis.call('HGET', feed, 'token') ~= token then
    return {0}
end
redis.call('HDEL', feed, 'token')
set_due(redis.call('HGET', feed, 'account'), feed_id, due)
if failure ~= '' then
    redis.call('HSET', feed, 'error', failure)
    redis.call('HINCRBY', feed, 'failures', 1)
    if #ARGV == 11 then
        return {1}
    end
else
    redis.call('HDEL', feed, 'error', 'failures', 'unheard')
    redis.call('HSET', feed, 'fetched', text(now), 'title', title, 'etag', etag, 'lastModified', last_modified,
        'digest', digest)
    if link ~= '' then
        redis.call('HSET', feed, 'link', link)
    end
end
local max_items = math.max(#ARGV - 11, tonumber(redis.call('HGET', feed, 'most') or 0))
redis.call('HSET', feed, 'most', max_items)
for i = 12, #ARGV do
    redis.call('ZADD', items, text(now), ARGV[i])
end
-- The oldest go. A feed may be empty for a while, and all of its items come back.
redis.call('ZREMRANGEBYRANK', items, 0, -(max_items + spare + 1))
return {1}
