-- uses: clock, records
-- Give leases back before they end. The attempt was begun and may have arrived, so the next claim finds it
-- interrupted; a late record of it is refused.
--
-- ARGV: time, then the records `lease`
-- Returns the hookIds that are due now.
local released = {}

for _, lease in ipairs(records_from(2, lease_fields)) do
    local key = 'delivery:' .. lease.hook_id
    local holder, leased_at = unpack(redis.call('HMGET', key, 'token', 'leasedAt'))
    if holder == lease.token and leased_at then
        redis.call('HDEL', key, 'token')  -- first, as a full server allows it (see record.lua)
        redis.call('HSET', key, 'due', text(now))
        redis.call('ZADD', 'alarms', text(now), lease.hook_id)
        released[#released + 1] = lease.hook_id
    end
end

return released
