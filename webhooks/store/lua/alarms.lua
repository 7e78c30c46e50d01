-- Take the alarms that ring soon, and set each anew for the case that this ringing is lost too.
--
-- ARGV: time, ahead, least and most pause until it rings again, limit
-- Returns for each {hookId, wait}
local ahead, least_pause, most_pause = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ringing = {}

-- Workers that are far behind must not find the same ids ever more often in their queue.
local function pause(overdue)
    return math.min(math.max(least_pause, overdue), most_pause)
end

-- When it is due, or nothing if it has ended. What cannot be read rings too: the claim tells of it, and its
-- neighbours must not suffer from it.
local function due_of(hook_id)
    local readable, due = pcall(redis.call, 'HGET', 'delivery:' .. hook_id, 'due')
    if not readable then
        return 0
    end
    return due and (tonumber(due) or 0)
end

for _, hook_id in ipairs(redis.call('ZRANGEBYSCORE', 'alarms', '-inf', text(now + ahead), 'LIMIT', 0, ARGV[5])) do
    local due = due_of(hook_id)
    if due then
        local overdue = now - due
        local wait = math.max(0, -overdue)
        redis.call('ZADD', 'alarms', text(now + wait + pause(overdue)), hook_id)
        ringing[#ringing + 1] = {hook_id, text(wait)}
    else
        redis.call('ZREM', 'alarms', hook_id)
    end
end

return ringing
