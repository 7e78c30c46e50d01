-- Take the recoveries of which nobody has heard for a while, and give each time again.
--
-- ARGV: time, grace, seconds for which each is kept, limit
-- Returns for each {recovery, number of its next step}
local grace, lifetime = tonumber(ARGV[2]), ARGV[3]
local stalled = {}

for _, recovery in ipairs(redis.call('ZRANGEBYSCORE', 'unfinished', '-inf', text(now), 'LIMIT', 0, ARGV[4])) do
    local key = 'recovery:' .. recovery
    local step, account = unpack(redis.call('HMGET', key, 'step', 'account'))
    if step then
        -- It may have to wait for longer than that, for receivers or workers.
        redis.call('EXPIRE', key, lifetime)
        redis.call('EXPIRE', 'unfinished:' .. account, lifetime)
        redis.call('ZADD', 'unfinished', text(now + grace), recovery)
        stalled[#stalled + 1] = {recovery, step}
    else  -- somebody has removed it
        redis.call('ZREM', 'unfinished', recovery)
    end
end

return stalled
