-- Resolve new deliveries and store them. An event whose idempotency key is known is not stored again.
--
-- ARGV: time, ring ahead, grace, key lifetime and history in seconds, then 11 values for each delivery:
--   hookId, action, profile, payload, due or '', 1 if it notifies, idempotency key or '', fingerprint, the plans that it
--   needs one of as JSON, the add-on that it needs or '', platform or '' if that need not be known
-- Returns for each {verdict, hookId, state, wait, lane}; wait is '' when the caller need not publish the id: nothing
--   was stored, or it is due later than `ring ahead` and the sweep will.
local ring_ahead, grace, key_lifetime, history = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])

-- Events that come together are mostly about a few profiles: what is read of each is read once.
local profiles, owners, listed = {}, {}, {}

local function read_profile(profile)
    if not profiles[profile] then
        profiles[profile] = redis.call('HMGET', 'profile:' .. profile, 'title', 'account')
    end
    return unpack(profiles[profile])
end

local function read_owner(profile, account, action)
    local place = profile .. ' ' .. action
    if owners[place] == nil then
        owners[place] = owner_of(profile, account, action) or false
    end
    return owners[place]
end

-- Add a delivery to a list by time. The server's clock may have been set back since the last was added.
local function list(key, hook_id, action)
    local oldest = text(now - history * 1000)
    local added = redis.pcall('XADD', key, 'MINID', '~', oldest, text(now) .. '-*', 'hookId', hook_id, 'action', action)
    if type(added) == 'table' and added.err then
        redis.call('XADD', key, 'MINID', '~', oldest, '*', 'hookId', hook_id, 'action', action)
    end
    if not listed[key] then
        redis.call('EXPIRE', key, history)
        listed[key] = true
    end
end

local function holds(list, word)
    return string.find(list, '"' .. word .. '"', 1, true)
end

local function is_entitled(account, plans, add_on)
    local plan, add_ons = subscription_of(account)
    return holds(plans, plan) and (add_on == '' or holds(add_ons, add_on))
end

local function store(hook_id, action, profile, account, owner, title, payload, due, platform)
    local state = due > now and 'scheduled' or 'queued'
    local wait = math.max(0, due - now)
    local rung_by_caller = wait <= ring_ahead
    local rung = rung_by_caller and {'rung', 1} or {}
    redis.call('HSET', 'delivery:' .. hook_id,
        'action', action, 'profile', profile, 'account', account, 'owner', owner, 'title', title,
        'payload', payload, 'state', state, 'created', text(now), 'due', text(now + wait), unpack(rung))
    if platform ~= '' then
        redis.call('HSET', 'delivery:' .. hook_id, 'platform', platform)
    end
    if rung_by_caller then
        count_on_its_way(account, 1)
    end
    redis.call('ZADD', 'alarms', text(now + wait + (rung_by_caller and grace or 0)), hook_id)
    list('deliveries:' .. account, hook_id, action)
    list('history:' .. profile, hook_id, action)
    return {'stored', hook_id, state, rung_by_caller and text(wait) or '', lane_of(account)}
end

local function accept(hook_id, action, profile, payload, due, notifies, idempotency, fingerprint, plans, add_on,
        platform)
    local title, account = read_profile(profile)
    if not account then
        return {'unknownProfile', '', '', '', ''}
    end
    if idempotency ~= '' then
        local known = redis.call('HMGET', idempotency, 'fingerprint', 'hookId', 'state')
        if known[1] then
            -- Written anew as it is: who waits for replicas waits for what was written on the same connection,
            -- and the first event may not have got to them.
            redis.call('HSET', idempotency, 'hookId', known[2])
            return {known[1] == fingerprint and 'duplicate' or 'conflict', known[2], known[3], '', ''}
        end
    end
    if notifies ~= '1' then
        return {'immediatePost', '', '', '', ''}
    end
    if not is_entitled(account, plans, add_on) then
        return {'notEntitled', '', '', '', ''}
    end
    local owner = read_owner(profile, account, action)
    if not owner then
        return {'unregistered', '', '', '', ''}
    end
    local answer = store(hook_id, action, profile, account, owner, title, payload, tonumber(due) or now, platform)
    if idempotency ~= '' then
        redis.call('HSET', idempotency, 'fingerprint', fingerprint, 'hookId', hook_id, 'state', answer[3])
        redis.call('EXPIRE', idempotency, key_lifetime)
    end
    return answer
end

local answers = {}
for i = 6, #ARGV, 11 do
    answers[#answers + 1] = accept(unpack(ARGV, i, i + 10))
end
write_counts()
return answers
