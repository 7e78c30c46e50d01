-- uses: clock, lanes
-- Take the deliveries whose wake-up time comes soon, and set the next one of each, in case this message is lost too.
--
-- ARGV: time, ahead, minimum and maximum of the pause until the next wake-up, limit, longest time deferred (see
--   defer.lua), lanes that are long
-- Returns for each {hookId, wait, lane}
local ahead, min_pause, max_pause = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local max_deferred, long_lanes = tonumber(ARGV[6]), ARGV[7]
local woken = {}

-- Workers that are far behind must not find the same ids ever more often in their queue: the longer a delivery was
-- overdue at its wake-up time, the later the next one is. How late this run is does not count.
local function pause(overdue)
    return math.min(math.max(min_pause, overdue), max_pause)
end

-- Let a deferred delivery go on waiting in its set: a whole set would be published, and be deferred again.
local function wait_on(hook_id, set)
    redis.call('HSET', 'delivery:' .. hook_id, 'due', text(now + max_deferred))
    redis.call('ZADD', 'alarms', text(now + max_deferred), hook_id)
    redis.call('HSETNX', 'postponed', set, 0)
end

-- Wake a delivery up, and set its next wake-up time; nothing if it has ended.
local function wake(hook_id, wakes_at)
    local due, state, account, leased_at, rung, set = unpack(redis.call('HMGET', 'delivery:' .. hook_id,
        'due', 'state', 'account', 'leasedAt', 'rung', 'postponed'))
    if not due then
        redis.call('ZREM', 'alarms', hook_id)
        return
    elseif set and redis.call('ZSCORE', 'postponed:' .. set, hook_id) then
        return wait_on(hook_id, set)
    end
    local wait = math.max(0, due - now)
    redis.call('ZADD', 'alarms', text(now + wait + pause(wakes_at - due)), hook_id)
    if not rung then
        redis.call('HSET', 'delivery:' .. hook_id, 'rung', 1)
        count_owed(account, 1)
    end
    local lane = lane_of(account)
    -- A delivery that has never been claimed most likely waits in its lane still, if that is long.
    local most_likely_waits = state == 'queued' and not leased_at and string.find(long_lanes, lane, 1, true)
    if not most_likely_waits then
        woken[#woken + 1] = {hook_id, text(wait), lane}
    end
end

local due_wakeups = redis.call('ZRANGEBYSCORE', 'alarms', '-inf', text(now + ahead), 'WITHSCORES', 'LIMIT', 0, ARGV[5])
for i = 1, #due_wakeups, 2 do
    -- What cannot be read is published too: the claim reports it, and other deliveries are not affected.
    if not pcall(wake, due_wakeups[i], tonumber(due_wakeups[i + 1])) then
        redis.call('ZADD', 'alarms', text(now + max_pause), due_wakeups[i])
        woken[#woken + 1] = {due_wakeups[i], '0', 'express'}
    end
end

write_counts()
return woken
