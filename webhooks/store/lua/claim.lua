-- Lease the deliveries that are due, and read what an attempt needs.
--
-- ARGV: time, lease, token, then hookIds
-- Returns for each claimed {hookId, attempt, retry, now, action, owner, title, payload, webhook or '',
--   sealed secret or ''}; what is not due, leased, ended or unknown is left out.
local lease_end, token = now + tonumber(ARGV[2]), ARGV[3]
local claims = {}

-- A lease that nobody gave back: the attempt was begun and may have arrived.
local function log_interruption(key, attempt, leased_at, retry)
    local line = string.format('{"attempt":%d,"at":%s,"retry":%s,"status":null,"error":"interrupted","ms":0}\n',
        attempt, leased_at, retry and 'true' or 'false')
    redis.call('HSET', key, 'log', (redis.call('HGET', key, 'log') or '') .. line, 'begun', 1)
end

for i = 4, #ARGV do
    local key = 'delivery:' .. ARGV[i]
    local due, made, begun, leased_at, action, owner, title, payload = unpack(redis.call('HMGET', key,
        'due', 'made', 'begun', 'leasedAt', 'action', 'owner', 'title', 'payload'))

    if due and tonumber(due) <= now then
        local attempt = (tonumber(made) or 0) + 1
        local retry = attempt > 1 or begun
        if leased_at then
            log_interruption(key, attempt, leased_at, retry)
            retry = true
        end
        redis.call('HSET', key, 'due', text(lease_end), 'leasedAt', text(now), 'token', token)
        redis.call('ZADD', 'alarms', text(lease_end), ARGV[i])
        claims[#claims + 1] = {ARGV[i], attempt, retry and 1 or 0, text(now), action, owner, title, payload,
            redis.call('HGET', 'webhooks:' .. owner, action) or '',
            redis.call('HGET', 'profile:' .. owner, 'secret') or ''}
    end
end

return claims
