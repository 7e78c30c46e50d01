-- Take the alarms that ring soon, and set each anew for the case that this ringing is lost too.
--
-- ARGV: time, ahead, least and most pause until it rings again, limit, lanes that are long
-- Returns for each {hookId, wait, lane}
local ahead, least_pause, most_pause = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local long_lanes = ARGV[6]
local ringing = {}

-- Workers that are far behind must not find the same ids ever more often in their queue: the longer a delivery had
-- been overdue when it was to ring, the later it rings again. That it could not ring in time does not count.
local function pause(overdue)
    return math.min(math.max(least_pause, overdue), most_pause)
end

-- When it is due, or nothing if it has ended; its lane; and whether its message most likely still waits in it. What
-- cannot be read rings too: the claim tells of it, and its neighbours must not suffer from it.
local function look_at(hook_id)
    local readable, found = pcall(redis.call, 'HMGET', 'delivery:' .. hook_id, 'due', 'state', 'account', 'leasedAt')
    if not readable then
        return 0, 'express', false
    end
    local due, state, account, leased_at = unpack(found)
    local lane_of_it = state == 'queued' and lane(queued(account)) or 'express'
    local waits = state == 'queued' and not leased_at and string.find(long_lanes, lane_of_it, 1, true)
    return due and (tonumber(due) or 0), lane_of_it, waits
end

local alarms = redis.call('ZRANGEBYSCORE', 'alarms', '-inf', text(now + ahead), 'WITHSCORES', 'LIMIT', 0, ARGV[5])
for i = 1, #alarms, 2 do
    local hook_id, rings_at = alarms[i], tonumber(alarms[i + 1])
    local due, lane_of_it, waits = look_at(hook_id)
    if due then
        local wait = math.max(0, due - now)
        redis.call('ZADD', 'alarms', text(now + wait + pause(rings_at - due)), hook_id)
        if not waits then
            ringing[#ringing + 1] = {hook_id, text(wait), lane_of_it}
        end
    else
        redis.call('ZREM', 'alarms', hook_id)
    end
end

return ringing
