-- Lease the deliveries that are due, and read what an attempt needs.
--
-- ARGV: time, lease, token, ring ahead, most interruptions, lifetime of an ended delivery in seconds, then hookIds
-- Returns {claims, early, parked, damaged}:
--   for each claimed {hookId, attempt, retry, resent after, now, action, profile, account, owner, title, payload,
--     platform or '', created, log or '', webhook or '', sealed secret or '', the one before it or '' if that does not
--     sign any more, plan, add-ons}
--   for each that is due within `ring ahead` {hookId, wait, lane}
--   hookIds that were interrupted too often
--   hookIds of what cannot be read; its neighbours must not suffer from it
-- What is due later, ended or unknown is left out. What is leased is due when its lease ends.
local lease, token, ring_ahead = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local most_interruptions, lifetime = tonumber(ARGV[5]), ARGV[6]
local claims, early, parked, damaged = {}, {}, {}, {}
local granted = {}
local now_text, lease_end = text(now), text(now + lease)
local new_alarms = {}

-- What is leased rings when its lease ends. A call of Lua's takes some 8,000 values; these are two for each id.
local function write_alarms()
    if #new_alarms > 0 then
        redis.call('ZADD', 'alarms', unpack(new_alarms))
    end
end

-- What Redis would draw by itself is the same in each run of a script; the token is another each time.
math.randomseed(tonumber(string.sub(token, 1, 7), 16))

-- A lease whose attempt was not recorded: it was begun and may have arrived. Returns the log with it, and how many
-- there were by now.
local function log_interruption(key, log, attempt, leased_at, retry)
    log = log .. string.format('{"attempt":%d,"at":%s,"retry":%s,"status":null,"error":"interrupted","ms":0}\n',
        attempt, leased_at, retry and 'true' or 'false')
    redis.call('HSET', key, 'log', log)
    redis.call('HDEL', key, 'leasedAt', 'token', 'resumedFrom')
    return log, redis.call('HINCRBY', key, 'interruptions', 1)
end

-- It ends, and nothing is owed any more. It stays a hash: only a worker, which has claimed it, can pack it.
local function park(hook_id, key, account)
    redis.call('HSET', key, 'state', 'exhausted', 'token', token)
    if redis.call('HDEL', key, 'due', 'rung') == 2 then
        count_on_its_way(account, -1)
    end
    redis.call('ZREM', 'alarms', hook_id)
    redis.call('EXPIRE', key, lifetime)
    parked[#parked + 1] = hook_id
end

-- Whoever ends a worker again and again must not take the same neighbours along each time.
local function set_apart(hook_id, key, interruptions)
    local due = now + math.floor(math.random() * interruptions * lease)
    redis.call('HSET', key, 'due', text(due))
    redis.call('ZADD', 'alarms', text(due), hook_id)
end

-- What was postponed and came back by its alarm does not wait in its queue any more.
local function leave_queue(hook_id, key, queue)
    redis.call('HDEL', key, 'postponed')
    redis.call('ZREM', 'postponed:' .. queue, hook_id)
end

-- The sealed secrets of a profile that sign now: the current one, and the one before it in its grace.
local function secrets_of(owner)
    local profile = 'profile:' .. owner
    local old_until = read_once(profile, 'oldSecretUntil')
    local is_in_grace = old_until and tonumber(old_until) > now
    return read_once(profile, 'secret') or '', is_in_grace and redis.call('GET', 'oldSecret:' .. owner) or ''
end

local function grant(hook_id, key, attempt, retry, delivery, log)
    if delivery.postponed then
        leave_queue(hook_id, key, delivery.postponed)
    end
    redis.call('HSET', key, 'due', lease_end, 'leasedAt', now_text, 'token', token)
    new_alarms[#new_alarms + 1] = lease_end
    new_alarms[#new_alarms + 1] = hook_id
    granted[hook_id] = true
    local secret, old_secret = secrets_of(delivery.owner)
    local plan, add_ons = subscription_of(delivery.account)
    claims[#claims + 1] = {hook_id, attempt, retry and 1 or 0, tonumber(delivery.resentAfter) or 0, now_text,
        delivery.action, delivery.profile, delivery.account, delivery.owner, delivery.title, delivery.payload,
        delivery.platform or '', delivery.created, log,
        read_once('webhooks:' .. delivery.owner, delivery.action) or '', secret, old_secret, plan, add_ons}
end

local fields = {'due', 'made', 'resentAfter', 'interruptions', 'leasedAt', 'token', 'postponed', 'log',
    'action', 'profile', 'account', 'owner', 'title', 'payload', 'platform', 'created'}

local function read_delivery(key)
    local delivery = {}
    for i, value in ipairs(redis.call('HMGET', key, unpack(fields))) do
        delivery[fields[i]] = value
    end
    return delivery
end

local function claim(hook_id)
    local key = 'delivery:' .. hook_id
    local delivery = read_delivery(key)
    local due, interruptions, leased_at = delivery.due, delivery.interruptions, delivery.leasedAt
    if not due then
        if delivery.token == token and (tonumber(interruptions) or 0) >= most_interruptions then
            parked[#parked + 1] = hook_id  -- the caller asks once more
        end
        return
    end
    -- The caller asks once more because the first answer did not reach it.
    local asks_again = leased_at and delivery.token == token and not granted[hook_id]
    local wait = tonumber(due) - now
    if wait > 0 and not asks_again then
        -- What is leased for so short a time has no call any more, as calls end 5 s before their lease: its worker
        -- has most likely died.
        if wait <= ring_ahead then
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
        if interruptions >= most_interruptions then
            return park(hook_id, key, delivery.account)
        elseif interruptions > 1 then
            return set_apart(hook_id, key, interruptions)
        end
    end
    grant(hook_id, key, attempt, retry, delivery, log)
end

for i = 7, #ARGV do
    local done, failure = pcall(claim, ARGV[i])
    if not done and is_refusal(tostring(failure)) then
        write_counts()
        write_alarms()
        return redis.error_reply(tostring(failure))
    elseif not done then
        damaged[#damaged + 1] = ARGV[i]
    end
end

write_counts()
write_alarms()
return {claims, early, parked, damaged}
