-- uses: feeds_due
-- Change the settings of a feed; one that is '' stays as it is.
local function change_feed(feed, kind, hashtag, image)
    for name, value in pairs({type = kind, autoHashtag = hashtag, useFirstImage = image}) do
        if value ~= '' then
            redis.call('HSET', feed, name, value)
        end
    end
end

-- Remove a feed and its known items; the subscription of its profile is left to the caller.
local function forget_feed(account, feed_id)
    redis.call('DEL', 'feed:' .. feed_id, 'feedItems:' .. feed_id)
    redis.call('ZREM', 'feedsDue:' .. account, feed_id)
    line_up(account)
end
