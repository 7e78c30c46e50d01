-- uses: clock, lanes
-- Store a new recovery, unless too many of its account are running.
--
-- ARGV: time, stall timeout, seconds for which it is kept, how many may run, recovery, account, profile or '', since or '',
--   until or '', action or '', state or ''
-- Returns {1}, or {} when there are too many. Without `until` it is about what was accepted before now.
local stall_timeout, lifetime, max_running, recovery, account = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]
local running = 'unfinished:' .. account

for _, other in ipairs(redis.call('SMEMBERS', running)) do
    if redis.call('EXISTS', 'recovery:' .. other) == 0 then  -- it has expired or was removed
        redis.call('SREM', running, other)
    end
end
if redis.call('SCARD', running) >= max_running then
    return {}
end

local key = 'recovery:' .. recovery
redis.call('HSET', key, 'account', account, 'profile', ARGV[7], 'since', ARGV[8],
    'until', ARGV[9] ~= '' and ARGV[9] or text(now), 'action', ARGV[10], 'state', ARGV[11],
    'stage', 'counting', 'place', '', 'step', 0, 'counted', 0, 'done', 0, 'failed', 0)
redis.call('EXPIRE', key, lifetime)
redis.call('SADD', running, recovery)
redis.call('EXPIRE', running, lifetime)
redis.call('ZADD', 'unfinished', text(now + stall_timeout), recovery)
return {1}
