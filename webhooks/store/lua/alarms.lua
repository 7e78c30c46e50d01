-- Take the alarms that ring soon, and set each anew for the case that this ringing is lost too.
--
-- ARGV: time, ahead, pause until it rings again, limit
-- Returns for each {hookId, wait}
local ahead, pause = tonumber(ARGV[2]), tonumber(ARGV[3])
local ringing = {}

for _, hook_id in ipairs(redis.call('ZRANGEBYSCORE', 'alarms', '-inf', text(now + ahead), 'LIMIT', 0, ARGV[4])) do
    local due = redis.call('HGET', 'delivery:' .. hook_id, 'due')
    if due then
        local wait = math.max(0, tonumber(due) - now)
        redis.call('ZADD', 'alarms', text(now + wait + pause), hook_id)
        ringing[#ringing + 1] = {hook_id, text(wait)}
    else
        redis.call('ZREM', 'alarms', hook_id)
    end
end

return ringing
