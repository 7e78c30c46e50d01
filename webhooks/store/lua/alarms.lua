-- Take the alarms that ring soon, and set each anew for the case that this ringing is lost too.
--
-- ARGV: time, ahead, least and most pause until it rings again, limit, longest pause (see postpone.lua), lanes that are
--   long
-- Returns for each {hookId, wait, lane}
local ahead, least_pause, most_pause = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local longest_pause, long_lanes = tonumber(ARGV[6]), ARGV[7]
local ringing = {}

-- Workers that are far behind must not find the same ids ever more often in their queue: the longer a delivery had
-- been overdue when it was to ring, the later it rings again. That it could not ring in time does not count.
local function pause(overdue)
    return math.min(math.max(least_pause, overdue), most_pause)
end

-- What was postponed and has its place in its queue goes on waiting there: a whole queue would ring, and be postponed again.
local function wait_on(hook_id, queue)
    redis.call('HSET', 'delivery:' .. hook_id, 'due', text(now + longest_pause))
    redis.call('ZADD', 'alarms', text(now + longest_pause), hook_id)
    redis.call('HSETNX', 'postponed', queue, 0)
end

-- Let an alarm ring, and set it anew; nothing if the delivery has ended.
local function ring(hook_id, rings_at)
    local due, state, account, leased_at, rung, queue = unpack(redis.call('HMGET', 'delivery:' .. hook_id,
        'due', 'state', 'account', 'leasedAt', 'rung', 'postponed'))
    if not due then
        redis.call('ZREM', 'alarms', hook_id)
        return
    elseif queue and redis.call('ZSCORE', 'postponed:' .. queue, hook_id) then
        return wait_on(hook_id, queue)
    end
    local wait = math.max(0, due - now)
    redis.call('ZADD', 'alarms', text(now + wait + pause(rings_at - due)), hook_id)
    if not rung then
        redis.call('HSET', 'delivery:' .. hook_id, 'rung', 1)
        count_on_its_way(account, 1)
    end
    local lane = lane_of(account)
    -- What has never been claimed most likely waits in its lane still, if that is long.
    local most_likely_waits = state == 'queued' and not leased_at and string.find(long_lanes, lane, 1, true)
    if not most_likely_waits then
        ringing[#ringing + 1] = {hook_id, text(wait), lane}
    end
end

local alarms = redis.call('ZRANGEBYSCORE', 'alarms', '-inf', text(now + ahead), 'WITHSCORES', 'LIMIT', 0, ARGV[5])
for i = 1, #alarms, 2 do
    -- What cannot be read rings too: the claim tells of it, and its neighbours must not suffer from it.
    if not pcall(ring, alarms[i], tonumber(alarms[i + 1])) then
        redis.call('ZADD', 'alarms', text(now + most_pause), alarms[i])
        ringing[#ringing + 1] = {alarms[i], '0', 'express'}
    end
end

write_counts()
return ringing
