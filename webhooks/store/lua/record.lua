-- Write down attempts that have ended. A claim whose lease has passed to another worker changes nothing.
--
-- ARGV: time, grace, lifetime of an ended delivery in seconds, then 5 values for each:
--   hookId, token, state, delay or '', log line or ''
-- Returns for each {1, lane}, or {0, ''} when there is another claim by now. The token stays, so that whoever asks once more,
--   because the first answer did not reach it, is told 1 again.
local grace, lifetime = tonumber(ARGV[2]), ARGV[3]
local answers = {}

local function record(hook_id, key, state, delay, line)
    -- The first write must need no memory: a full server refuses others, but not to a script that has begun to write.
    -- So what came of a call is recorded even then.
    redis.call('HDEL', key, 'leasedAt', 'postponed')
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
        end_delivery(hook_id, key, lifetime)
    end
end

for i = 4, #ARGV, 5 do
    local hook_id, token = ARGV[i], ARGV[i + 1]
    local key = 'delivery:' .. hook_id
    local holder, leased_at, account = unpack(redis.call('HMGET', key, 'token', 'leasedAt', 'account'))
    if holder == token and leased_at then
        record(hook_id, key, unpack(ARGV, i + 2, i + 4))
    end
    answers[#answers + 1] = holder == token and {1, lane_of(account)} or {0, ''}
end

return answers
