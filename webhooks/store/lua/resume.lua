-- Take deliveries from the queues of what was postponed, to be attempted now; the oldest of each queue first.
--
-- ARGV: time, grace, least, limit
-- Returns for each {hookId, wait, lane}; nothing if it was called less than a second ago, for it sets the pace.
--
-- `postponed` has for each queue how many were taken from it last time. It is twice as many this time, or half as
-- many if some of the queue have been postponed since; `least` at least, and no queue's more than its share.
local grace, least, limit = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local interval = 900
local resumed = {}

local function take(hook_id)
    local key = 'delivery:' .. hook_id
    local due, account, leased_at, postponed = unpack(redis.call('HMGET', key,
        'due', 'account', 'leasedAt', 'postponed'))
    if due and postponed and not leased_at then
        redis.call('HDEL', key, 'postponed')
        redis.call('HSET', key, 'due', text(now))
        redis.call('ZADD', 'alarms', text(now + grace), hook_id)
        resumed[#resumed + 1] = {hook_id, '0', lane_of(account)}
    end
end

local function resume(queue, last_time, share)
    local was_refused = redis.call('HDEL', 'refused', queue) == 1
    local count = math.min(math.max(least, was_refused and last_time / 2 or last_time * 2), share)
    local taken = redis.call('ZPOPMIN', 'postponed:' .. queue, math.floor(count))
    for i = 1, #taken, 2 do
        pcall(take, taken[i])  -- what cannot be read is told of by a claim, when its alarm rings
    end
    if redis.call('EXISTS', 'postponed:' .. queue) == 1 then
        redis.call('HSET', 'postponed', queue, math.floor(count))
    else
        redis.call('HDEL', 'postponed', queue)
    end
end

local queues = redis.call('HGETALL', 'postponed')
if #queues == 0 or math.abs(now - tonumber(redis.call('GET', 'resumed') or 0)) < interval then
    return {}
end
redis.call('SET', 'resumed', text(now), 'PX', 60000)
for i = 1, #queues, 2 do
    resume(queues[i], tonumber(queues[i + 1]), math.max(1, limit / (#queues / 2)))
end

return resumed
