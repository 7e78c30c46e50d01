-- uses: clock
-- Put an account into the line of accounts with due feeds. Its turn comes when the first of its feeds is due, and it
-- keeps its position; after its turn it goes behind all others, with the time of that turn.
local function line_up(account, served)
    local first = redis.call('ZRANGE', 'feedsDue:' .. account, 0, 0, 'WITHSCORES')[2]
    if not first then
        redis.call('ZREM', 'feedsDue', account)
        return
    end
    local position = tonumber(served or redis.call('ZSCORE', 'feedsDue', account) or 0)
    redis.call('ZADD', 'feedsDue', text(math.max(tonumber(first), math.min(position, now))), account)
end

-- Set when a feed of an account is due.
local function set_due(account, feed_id, due)
    redis.call('ZADD', 'feedsDue:' .. account, due, feed_id)
    line_up(account)
end
