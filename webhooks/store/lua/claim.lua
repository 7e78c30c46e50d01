-- Lease the deliveries that are due, and read what an attempt needs.
--
-- ARGV: time, lease, token, ring ahead, most interruptions, lifetime of an ended delivery in seconds, then hookIds
-- Returns {claims, early, parked, damaged}:
--   for each claimed {hookId, attempt, retry, now, action, account, owner, title, payload, webhook or '',
--     sealed secret or ''}
--   for each that is due within `ring ahead` {hookId, wait, lane}
--   hookIds that were interrupted too often
--   hookIds of what cannot be read; its neighbours must not suffer from it
-- What is due later, ended or unknown is left out. What is leased is due when its lease ends.
local lease, token, ring_ahead = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local most_interruptions, lifetime = tonumber(ARGV[5]), ARGV[6]
local claims, early, parked, damaged = {}, {}, {}, {}
local granted = {}
math.randomseed(tonumber(string.sub(token, 1, 7), 16))

-- A lease whose attempt was not recorded: it was begun and may have arrived. Returns how many there were by now.
local function log_interruption(key, attempt, leased_at, retry)
    local line = string.format('{"attempt":%d,"at":%s,"retry":%s,"status":null,"error":"interrupted","ms":0}\n',
        attempt, leased_at, retry and 'true' or 'false')
    redis.call('HSET', key, 'log', (redis.call('HGET', key, 'log') or '') .. line)
    redis.call('HDEL', key, 'leasedAt', 'token')
    return redis.call('HINCRBY', key, 'interruptions', 1)
end

local function park(hook_id, key)
    redis.call('HSET', key, 'state', 'exhausted', 'token', token)
    end_delivery(hook_id, key, lifetime)
    parked[#parked + 1] = hook_id
end

-- Whoever ends a worker again and again must not take the same neighbours along each time.
local function set_apart(hook_id, key, interruptions)
    local due = now + math.floor(math.random() * interruptions * lease)
    redis.call('HSET', key, 'due', text(due))
    redis.call('ZADD', 'alarms', text(due), hook_id)
end

-- What was postponed and came back by its alarm does not wait in its queue any more.
local function leave_queue(hook_id, key)
    local queue = redis.call('HGET', key, 'postponed')
    if queue then
        redis.call('HDEL', key, 'postponed')
        redis.call('ZREM', 'postponed:' .. queue, hook_id)
    end
end

local function grant(hook_id, key, attempt, retry, action, account, owner, title, payload)
    leave_queue(hook_id, key)
    redis.call('HSET', key, 'due', text(now + lease), 'leasedAt', text(now), 'token', token)
    redis.call('ZADD', 'alarms', text(now + lease), hook_id)
    granted[hook_id] = true
    claims[#claims + 1] = {hook_id, attempt, retry and 1 or 0, text(now), action, account, owner, title, payload,
        redis.call('HGET', 'webhooks:' .. owner, action) or '',
        redis.call('HGET', 'profile:' .. owner, 'secret') or ''}
end

local function claim(hook_id)
    local key = 'delivery:' .. hook_id
    local due, made, interruptions, leased_at, holder, action, account, owner, title, payload = unpack(redis.call('HMGET',
        key, 'due', 'made', 'interruptions', 'leasedAt', 'token', 'action', 'account', 'owner', 'title', 'payload'))
    if not due then
        if holder == token and (tonumber(interruptions) or 0) >= most_interruptions then
            parked[#parked + 1] = hook_id  -- the caller asks once more
        end
        return
    end
    -- The caller asks once more because the first answer did not reach it.
    local asks_again = leased_at and holder == token and not granted[hook_id]
    local wait = tonumber(due) - now
    if wait > 0 and not asks_again then
        -- What is leased for so short a time has no call any more, as calls end 5 s before their lease: its worker
        -- has most likely died.
        if wait <= ring_ahead then
            early[#early + 1] = {hook_id, text(wait), lane_of(account)}
        end
        return
    end
    local attempt = (tonumber(made) or 0) + 1
    local retry = attempt > 1 or interruptions
    if leased_at and not asks_again then
        interruptions = log_interruption(key, attempt, leased_at, retry)
        retry = true
        if interruptions >= most_interruptions then
            return park(hook_id, key)
        elseif interruptions > 1 then
            return set_apart(hook_id, key, interruptions)
        end
    end
    grant(hook_id, key, attempt, retry, action, account, owner, title, payload)
end

-- A server that is full, cannot save, is a replica or is short of them refuses every write: no id is at fault.
local function is_refusal(failure)
    local code = string.match(failure, '^(%u+) ')
    return code and code ~= 'ERR' and code ~= 'WRONGTYPE'
end

for i = 7, #ARGV do
    local done, failure = pcall(claim, ARGV[i])
    if not done and is_refusal(tostring(failure)) then
        return redis.error_reply(tostring(failure))
    elseif not done then
        damaged[#damaged + 1] = ARGV[i]
    end
end

return {claims, early, parked, damaged}
