-- Give visits back whose feeds have not been read: these are due at once. What is no longer leased by them stays as it is.
--
-- ARGV: time, then for each visit feedId and token
-- Returns {}
for i = 2, #ARGV, 2 do
    local feed_id, feed = ARGV[i], 'feed:' .. ARGV[i]
    local token, account = unpack(redis.call('HMGET', feed, 'token', 'account'))
    if token == ARGV[i + 1] then
        redis.call('HDEL', feed, 'token')
        set_due(account, feed_id, text(now))
    end
end
return {}
