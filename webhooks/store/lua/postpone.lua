-- Give back leases whose attempts have not begun: each waits in a queue until it is resumed.
--
-- ARGV: time, longest pause, how many of a new queue count as resumed before, then 3 values for each:
--   hookId, token, queue
-- Returns {}. Should a queue ever be lost, its deliveries are due again after the longest pause.
local longest_pause, first = tonumber(ARGV[2]), ARGV[3]

local function postpone(hook_id, key, queue, created)
    redis.call('HDEL', key, 'leasedAt', 'token')  -- first, as a full server lets it (see record.lua)
    redis.call('HSET', key, 'due', text(now + longest_pause), 'postponed', queue)
    redis.call('ZADD', 'alarms', text(now + longest_pause), hook_id)
    redis.call('ZADD', 'postponed:' .. queue, created, hook_id)
    redis.call('HSETNX', 'postponed', queue, first)
    redis.call('HSET', 'refused', queue, 1)
end

for i = 4, #ARGV, 3 do
    local hook_id, token, queue = unpack(ARGV, i, i + 2)
    local key = 'delivery:' .. hook_id
    local holder, leased_at, created = unpack(redis.call('HMGET', key, 'token', 'leasedAt', 'created'))
    if holder == token and leased_at then
        postpone(hook_id, key, queue, created)
    end
end

return {}
