-- Take deliveries from the queues of what was postponed, to be attempted now; the oldest of each queue first.
--
-- ARGV: time, grace, least, limit
-- Returns for each {hookId, wait, lane}
--
-- `postponed` has for each queue how many were taken from it last time. It is twice as many this time, or half as
-- many if some of the queue have been postponed since; `least` at least, and no queue's more than its share.
local grace, least, limit = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local resumed = {}

local function take(hook_id)
    local key = 'delivery:' .. hook_id
    local due, state, account, postponed = unpack(redis.call('HMGET', key, 'due', 'state', 'account', 'postponed'))
    if due and postponed then
        redis.call('HDEL', key, 'postponed')
        redis.call('HSET', key, 'due', text(now))
        redis.call('ZADD', 'alarms', text(now + grace), hook_id)
        resumed[#resumed + 1] = {hook_id, '0', state == 'queued' and lane(queued(account)) or 'express'}
    end
end

local function resume(queue, last_time, share)
    local was_refused = redis.call('HDEL', 'refused', queue) == 1
    local count = math.min(math.max(least, was_refused and last_time / 2 or last_time * 2), share)
    local taken = redis.call('ZPOPMIN', 'postponed:' .. queue, math.floor(count))
    for i = 1, #taken, 2 do
        take(taken[i])
    end
    if redis.call('EXISTS', 'postponed:' .. queue) == 1 then
        redis.call('HSET', 'postponed', queue, math.floor(count))
    else
        redis.call('HDEL', 'postponed', queue)
    end
end

local queues = redis.call('HGETALL', 'postponed')
for i = 1, #queues, 2 do
    resume(queues[i], tonumber(queues[i + 1]), math.max(1, limit / (#queues / 2)))
end

return resumed
