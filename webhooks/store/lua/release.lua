-- Give leases back before they end. The attempt was begun and may have arrived, so the next claim finds it
-- interrupted; a late record of it is refused.
--
-- ARGV: time, then 2 values for each: hookId, token
-- Returns the hookIds that are due now.
local released = {}

for i = 2, #ARGV, 2 do
    local hook_id, token = ARGV[i], ARGV[i + 1]
    local key = 'delivery:' .. hook_id
    local holder, leased_at = unpack(redis.call('HMGET', key, 'token', 'leasedAt'))
    if holder == token and leased_at then
        redis.call('HDEL', key, 'token')  -- first, as a full server lets it (see record.lua)
        redis.call('HSET', key, 'due', text(now))
        redis.call('ZADD', 'alarms', text(now), hook_id)
        released[#released + 1] = hook_id
    end
end

return released
