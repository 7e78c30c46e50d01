-- uses: feeds_due
-- Give back polls whose feeds have not been read: those are due at once. A feed with another lease by now stays as it is.
--
-- ARGV: time, then for each poll feedId and token
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
