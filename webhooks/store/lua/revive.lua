-- Have deliveries that ended owed again, each if it still stands as it was read. Those of a recovery are a step of
-- it: how far it has come is written down with them.
--
-- ARGV: time, grace, 7 values about the recovery, then 12 for each delivery:
--   recovery or '', number of this step, seconds for which it is kept, its stage and its place after this step, how
--     many were counted, how many cannot be sent again
--   hookId, token, action, profile, account, owner, title, payload, platform or '', created, attempts made, log
-- Returns {1, {verdict, lane} for each}, or {0} when another step of the recovery is next.
local grace = tonumber(ARGV[2])
local recovery, step, lifetime, stage, place, counted, failed = unpack(ARGV, 3, 9)

-- Whoever recorded its end left a token. What was interrupted too often is a hash still, without a due time.
local function stands_as_read(hook_id, key, token)
    if redis.call('GETRANGE', 'ended:' .. hook_id, 0, #token - 1) == token then
        return true
    end
    local holder, due = unpack(redis.call('HMGET', key, 'token', 'due'))
    return holder == token and not due
end

local function revive(hook_id, token, action, profile, account, owner, title, payload, platform, created, made, log)
    local key = 'delivery:' .. hook_id
    if not stands_as_read(hook_id, key, token) then
        return {'changed', ''}
    end
    if redis.call('HEXISTS', 'webhooks:' .. owner, action) == 0 then
        return {'unregistered', ''}
    end
    redis.call('HSET', key, 'action', action, 'profile', profile, 'account', account, 'owner', owner,
        'title', title, 'payload', payload, 'state', 'queued', 'created', created, 'due', text(now),
        'made', made, 'resentAfter', made, 'log', log, 'rung', 1)
    if platform ~= '' then
        redis.call('HSET', key, 'platform', platform)
    end
    redis.call('HDEL', key, 'interruptions', 'token')
    redis.call('PERSIST', key)
    redis.call('DEL', 'ended:' .. hook_id)
    redis.call('ZADD', 'alarms', text(now + grace), hook_id)
    count_on_its_way(account, 1)
    return {'revived', lane_of(account)}
end

local function advance(done, gone)
    local key = 'recovery:' .. recovery
    redis.call('HINCRBY', key, 'step', 1)
    redis.call('HSET', key, 'stage', stage, 'place', place)
    redis.call('HINCRBY', key, 'counted', counted)
    redis.call('HINCRBY', key, 'done', done)
    redis.call('HINCRBY', key, 'failed', failed + gone)
    redis.call('EXPIRE', key, lifetime)
    if stage == 'finished' then
        redis.call('ZREM', 'unfinished', recovery)
        redis.call('SREM', 'unfinished:' .. redis.call('HGET', key, 'account'), recovery)
    else
        redis.call('ZADD', 'unfinished', text(now + grace), recovery)
    end
end

if recovery ~= '' and redis.call('HGET', 'recovery:' .. recovery, 'step') ~= step then
    return {0}
end

local answers = {1}
local counts = {revived = 0, changed = 0, unregistered = 0, damaged = 0}
for i = 10, #ARGV, 12 do
    local done, answer = pcall(revive, unpack(ARGV, i, i + 11))
    if not done and is_refusal(tostring(answer)) then
        write_counts()
        return redis.error_reply(tostring(answer))
    end
    answer = done and answer or {'damaged', ''}
    counts[answer[1]] = counts[answer[1]] + 1
    answers[#answers + 1] = answer
end
write_counts()
if recovery ~= '' then
    advance(counts.revived, counts.unregistered + counts.damaged)
end
return answers
