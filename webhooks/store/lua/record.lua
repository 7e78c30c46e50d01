-- Write down attempts that have ended. A claim whose lease has passed to another worker changes nothing.
--
-- ARGV: time, grace, lifetime of an ended delivery in seconds, then 5 values for each:
--   hookId, token, state, delay or '', log line or ''
-- Returns for each 1, or 0 when the token is no longer the lease's.
local grace, lifetime = tonumber(ARGV[2]), ARGV[3]
local answers = {}

for i = 4, #ARGV, 5 do
    local hook_id, token, state, delay, line = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
    local key = 'delivery:' .. hook_id

    if redis.call('HGET', key, 'token') ~= token then
        answers[#answers + 1] = 0
    else
        redis.call('HDEL', key, 'token', 'leasedAt')
        redis.call('HSET', key, 'state', state)
        if line ~= '' then
            redis.call('HINCRBY', key, 'made', 1)
            redis.call('HSET', key, 'log', (redis.call('HGET', key, 'log') or '') .. line .. '\n')
        end
        if delay ~= '' then
            local due = now + tonumber(delay)
            redis.call('HSET', key, 'due', text(due))
            redis.call('ZADD', 'alarms', text(due + grace), hook_id)
        else
            redis.call('HDEL', key, 'due')
            redis.call('ZREM', 'alarms', hook_id)
            redis.call('EXPIRE', key, lifetime)
        end
        answers[#answers + 1] = 1
    end
end

return answers
