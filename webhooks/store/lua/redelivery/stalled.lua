-- uses: clock
-- Take the recoveries that have made no step for a while, and give each the same time again.
--
-- ARGV: time, stall timeout, seconds for which each is kept, limit
-- Returns for each {recovery, number of its next step}
local stall_timeout, lifetime = tonumber(ARGV[2]), ARGV[3]
local stalled = {}

for _, recovery in ipairs(redis.call('ZRANGEBYSCORE', 'unfinished', '-inf', text(now), 'LIMIT', 0, ARGV[4])) do
    local key = 'recovery:' .. recovery
    local step, account = unpack(redis.call('HMGET', key, 'step', 'account'))
    if step then
        -- It may have to wait longer than its lifetime, for receivers or workers.
        redis.call('EXPIRE', key, lifetime)
        redis.call('EXPIRE', 'unfinished:' .. account, lifetime)
        redis.call('ZADD', 'unfinished', text(now + stall_timeout), recovery)
        stalled[#stalled + 1] = {recovery, step}
    else  -- it has expired or was removed
        redis.call('ZREM', 'unfinished', recovery)
    end
end

return stalled
