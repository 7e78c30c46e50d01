-- uses: clock, records, subscriptions, lanes, refusals
-- Lease the deliveries that are due, and read what an attempt needs.
--
-- ARGV: time, lease, token, publish ahead, maximum of interruptions, lifetime of an ended delivery in seconds, then
--   hookIds
-- Returns {claims, early, interrupted too often, damaged}:
--   claims: the records `claim`; `platform`, `log`, `webhook` and the secrets may be ''; `old_secret` is the previous
--     secret in its rotation window
--   early: {hookId, wait, lane} for each that is due within `publish ahead`
--   hookIds of deliveries that were interrupted too often, and of those that cannot be read
-- Deliveries that are due later, ended or unknown are left out. A leased delivery is due when its lease ends.
local lease, token, publish_ahead = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local max_interruptions, lifetime = tonumber(ARGV[5]), ARGV[6]
local claims, early, interrupted_too_often, damaged = {}, {}, {}, {}
local granted = {}
local now_text, lease_end = text(now), text(now + lease)
local new_wakeups = {}

-- A leased delivery wakes up when its lease ends. Lua passes some 8,000 values in a call; these are two for each id.
local function write_wakeups()
    if #new_wakeups > 0 then
        redis.call('ZADD', 'alarms', unpack(new_wakeups))
    end
end

-- Redis' own seed is the same in each run of a script; the token is another each time.
math.randomseed(tonumber(string.sub(token, 1, 7), 16))

-- Log a lease whose attempt was not recorded: it was begun and may have arrived. Returns the log with it, and how many
-- interruptions there are by now.
local function log_interruption(key, log, attempt, leased_at, retry)
    log = log .. string.format('{"attempt":%d,"at":%s,"retry":%s,"status":null,"error":"interrupted","ms":0}\n',
        attempt, leased_at, retry and 'true' or 'false')
    redis.call('HSET', key, 'log', log)
    redis.call('HDEL', key, 'leasedAt', 'token', 'resumedFrom')
    return log, redis.call('HINCRBY', key, 'interruptions', 1)
end

-- End a delivery that was interrupted too often. It stays a hash: only a worker that has claimed it can pack it.
local function exhaust(hook_id, key, account)
    redis.call('HSET', key, 'state', 'exhausted', 'token', token)
    if redis.call('HDEL', key, 'due', 'rung') == 2 then
        count_owed(account, -1)
    end
    redis.call('ZREM', 'alarms', hook_id)
    redis.call('EXPIRE', key, lifetime)
    interrupted_too_often[#interrupted_too_often + 1] = hook_id
end

-- Move a delivery that was interrupted repeatedly: if it ends its workers, it must not interrupt the same other
-- deliveries each time.
local function move_away(hook_id, key, interruptions)
    local due = now + math.floor(math.random() * interruptions * lease)
    redis.call('HSET', key, 'due', text(due))
    redis.call('ZADD', 'alarms', text(due), hook_id)
end

-- Take a deferred delivery that has woken up out of its set.
local function leave_set(hook_id, key, set)
    redis.call('HDEL', key, 'postponed')
    redis.call('ZREM', 'postponed:' .. set, hook_id)
end

-- The sealed secrets of a profile that sign now: the current one, and the previous one in its rotation window.
local function secrets_of(owner)
    local profile = 'profile:' .. owner
    local old_until = read_once(profile, 'oldSecretUntil')
    local is_in_window = old_until and tonumber(old_until) > now
    return read_once(profile, 'secret') or '', is_in_window and redis.call('GET', 'oldSecret:' .. owner) or ''
end

local function grant(hook_id, key, attempt, retry, delivery, log)
    if delivery.postponed then
        leave_set(hook_id, key, delivery.postponed)
    end
    redis.call('HSET', key, 'due', lease_end, 'leasedAt', now_text, 'token', token)
    new_wakeups[#new_wakeups + 1] = lease_end
    new_wakeups[#new_wakeups + 1] = hook_id
    granted[hook_id] = true
    delivery.hook_id, delivery.number, delivery.retry = hook_id, attempt, retry and 1 or 0
    delivery.resent_after, delivery.began, delivery.log = tonumber(delivery.resentAfter) or 0, now_text, log
    delivery.platform = delivery.platform or ''
    delivery.webhook = read_once('webhooks:' .. delivery.owner, delivery.action) or ''
    delivery.secret, delivery.old_secret = secrets_of(delivery.owner)
    delivery.plan, delivery.add_ons = subscription_of(delivery.account)
    claims[#claims + 1] = values_of(delivery, claim_fields)
end

local stored_fields = {'due', 'made', 'resentAfter', 'interruptions', 'leasedAt', 'token', 'postponed', 'log',
    'action', 'profile', 'account', 'owner', 'title', 'payload', 'platform', 'created'}

local function read_delivery(key)
    local delivery = {}
    for i, value in ipairs(redis.call('HMGET', key, unpack(stored_fields))) do
        delivery[stored_fields[i]] = value
    end
    return delivery
end

local function claim(hook_id)
    local key = 'delivery:' .. hook_id
    local delivery = read_delivery(key)
    local due, interruptions, leased_at = delivery.due, delivery.interruptions, delivery.leasedAt
    if not due then
        if delivery.token == token and (tonumber(interruptions) or 0) >= max_interruptions then
            interrupted_too_often[#interrupted_too_often + 1] = hook_id  -- the caller asks again
        end
        return
    end
    -- The caller asks again because the first answer did not reach it.
    local asks_again = leased_at and delivery.token == token and not granted[hook_id]
    local wait = tonumber(due) - now
    if wait > 0 and not asks_again then
        -- A lease that ends so soon has no call any more, as calls end 5 s before their leases: its worker has most
        -- likely died.
        if wait <= publish_ahead then
            early[#early + 1] = {hook_id, text(wait), lane_of(delivery.account)}
        end
        return
    end
    local attempt = (tonumber(delivery.made) or 0) + 1
    local log = delivery.log or ''
    local retry = attempt > 1 or interruptions or delivery.resentAfter
    if leased_at and not asks_again then
        log, interruptions = log_interruption(key, log, attempt, leased_at, retry)
        retry = true
        if interruptions >= max_interruptions then
            return exhaust(hook_id, key, delivery.account)
        elseif interruptions > 1 then
            return move_away(hook_id, key, interruptions)
        end
    end
    grant(hook_id, key, attempt, retry, delivery, log)
end

for i = 7, #ARGV do
    local done, failure = pcall(claim, ARGV[i])
    if not done and is_refusal(tostring(failure)) then
        write_counts()
        write_wakeups()
        return redis.error_reply(tostring(failure))
    elseif not done then
        damaged[#damaged + 1] = ARGV[i]
    end
end

write_counts()
write_wakeups()
return {claims, early, interrupted_too_often, damaged}
