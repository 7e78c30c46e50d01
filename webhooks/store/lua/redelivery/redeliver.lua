-- uses: clock, records, lanes, refusals
-- Make deliveries owed again that have ended, each if it is as it was read. Those of a recovery are one step of it: its
-- progress is written with them.
--
-- ARGV: time, wake-up slack, 7 values about the recovery, then the records `delivery`:
--   recovery or '', number of this step, seconds for which it is kept, its stage and its cursor after this step, how
--     many were counted, how many cannot be redelivered
-- Returns {1, {verdict, lane} for each}, or {0} when another step of the recovery is next.
local slack = tonumber(ARGV[2])
local recovery, step, lifetime, stage, cursor, counted, failed = unpack(ARGV, 3, 9)

-- The claim that recorded the end left its token. A delivery that was interrupted too often is still a hash, without a
-- due time.
local function is_as_read(hook_id, key, token)
    if redis.call('GETRANGE', 'ended:' .. hook_id, 0, #token - 1) == token then
        return true
    end
    local holder, due = unpack(redis.call('HMGET', key, 'token', 'due'))
    return holder == token and not due
end

local function redeliver(delivery)
    local hook_id, account, made = delivery.hook_id, delivery.account, delivery.made
    local key = 'delivery:' .. hook_id
    if not is_as_read(hook_id, key, delivery.token) then
        return {'changed', ''}
    end
    if redis.call('HEXISTS', 'webhooks:' .. delivery.owner, delivery.action) == 0 then
        return {'unregistered', ''}
    end
    redis.call('HSET', key, 'action', delivery.action, 'profile', delivery.profile, 'account', account,
        'owner', delivery.owner, 'title', delivery.title, 'payload', delivery.payload, 'state', 'queued',
        'created', delivery.created, 'due', text(now), 'made', made, 'resentAfter', made, 'log', delivery.log, 'rung', 1)
    if delivery.platform ~= '' then
        redis.call('HSET', key, 'platform', delivery.platform)
    end
    redis.call('HDEL', key, 'interruptions', 'token')
    redis.call('PERSIST', key)
    redis.call('DEL', 'ended:' .. hook_id)
    redis.call('ZADD', 'alarms', text(now + slack), hook_id)
    count_owed(account, 1)
    return {'revived', lane_of(account)}
end

local function advance(done, gone)
    local key = 'recovery:' .. recovery
    redis.call('HINCRBY', key, 'step', 1)
    redis.call('HSET', key, 'stage', stage, 'place', cursor)
    redis.call('HINCRBY', key, 'counted', counted)
    redis.call('HINCRBY', key, 'done', done)
    redis.call('HINCRBY', key, 'failed', failed + gone)
    redis.call('EXPIRE', key, lifetime)
    if stage == 'finished' then
        redis.call('ZREM', 'unfinished', recovery)
        redis.call('SREM', 'unfinished:' .. redis.call('HGET', key, 'account'), recovery)
    else
        redis.call('ZADD', 'unfinished', text(now + slack), recovery)
    end
end

if recovery ~= '' and redis.call('HGET', 'recovery:' .. recovery, 'step') ~= step then
    return {0}
end

local answers = {1}
local counts = {revived = 0, changed = 0, unregistered = 0, damaged = 0}
for _, delivery in ipairs(records_from(10, delivery_fields)) do
    local done, answer = pcall(redeliver, delivery)
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
