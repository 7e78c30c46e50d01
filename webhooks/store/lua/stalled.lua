-- Take the recoveries of which nobody has heard for a while, and give each time again.
--
-- ARGV: time, grace, limit
-- Returns for each {recovery, number of its next step}
local grace = tonumber(ARGV[2])
local stalled = {}

for _, recovery in ipairs(redis.call('ZRANGEBYSCORE', 'unfinished', '-inf', text(now), 'LIMIT', 0, ARGV[3])) do
    local step = redis.call('HGET', 'recovery:' .. recovery, 'step')
    if step then
        redis.call('ZADD', 'unfinished', text(now + grace), recovery)
        stalled[#stalled + 1] = {recovery, step}
    else  -- it expired
        redis.call('ZREM', 'unfinished', recovery)
    end
end

return stalled
