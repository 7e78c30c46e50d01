-- uses: clock, records, subscriptions, webhooks, lanes, deferred
-- Store new deliveries, and an e-mail for each event that makes one. An event whose idempotency key is known is not
-- stored again.
--
-- ARGV: time, publish ahead, wake-up slack, more slack for each owed delivery of the account and its maximum, longest
--   time deferred (see defer.lua), key lifetime and history in seconds, for the lanes express and bulk each the key of
--   its list and the message to put there, both '' if the caller publishes what is due at once; then the records `new`:
--   `due`, `idempotency`, `add_on` and `platform` may be ''; `notifies` and `mails` are 1 or 0; `plans` are JSON
-- Returns for each {verdict, hookId, state, wait, lane}; wait is '' when the caller need not publish the id: nothing
--   was stored, it is in its lane already, or the sweep will, as it is due later than `publish ahead` or deferred.
local publish_ahead, slack = tonumber(ARGV[2]), tonumber(ARGV[3])
local slack_for_each, max_slack = tonumber(ARGV[4]), tonumber(ARGV[5])
local max_deferred, key_lifetime, history = tonumber(ARGV[6]), ARGV[7], tonumber(ARGV[8])

local lanes = {express = {key = ARGV[9], message = ARGV[10]}, bulk = {key = ARGV[11], message = ARGV[12]}}

-- The ids that are due at once, by lane; those of a lane go into one message.
local due_at_once = {express = {}, bulk = {}}

-- Returns whether the lane has a list here.
local function publish(hook_id, lane)
    if lanes[lane].key == '' then
        return false
    end
    table.insert(due_at_once[lane], hook_id)
    return true
end

-- If a list cannot take a message, the events are stored all the same: the sweep publishes their ids.
local function write_messages()
    for lane, hook_ids in pairs(due_at_once) do
        if #hook_ids > 0 then
            local message = string.gsub(lanes[lane].message, '@first@', hook_ids[1])
            message = string.gsub(message, '@ids@', table.concat(hook_ids, '\\",\\"'))
            redis.pcall('LPUSH', lanes[lane].key, message)
        end
    end
end

local now_text, oldest = text(now), text(math.max(0, now - history * 1000))
local this_moment = now_text .. '-*'

-- The lists whose expiry this run has set.
local kept = {}

-- Add a delivery to a list by time. The server's clock may have been set back since the last one was added.
local function list(key, hook_id, action)
    local added = redis.pcall('XADD', key, 'MINID', '~', oldest, this_moment, 'hookId', hook_id, 'action', action)
    if type(added) == 'table' and added.err then
        redis.call('XADD', key, 'MINID', '~', oldest, '*', 'hookId', hook_id, 'action', action)
    end
    if not kept[key] then
        redis.call('EXPIRE', key, history)
        kept[key] = true
    end
end

-- How long after its due time an unclaimed delivery has most likely lost its message. In the lane for bulk it may wait
-- behind other deliveries of its account until then.
local function slack_of(account, lane)
    local more = lane == 'bulk' and math.min(owed_by(account).count * slack_for_each, max_slack) or 0
    return slack + more
end

-- The set in which deliveries for this webhook have just been deferred, as its receiver is unresponsive (defer.lua).
local is_any_unresponsive = redis.call('EXISTS', 'hanging') == 1

local function set_of(owner, action)
    local unresponsive = is_any_unresponsive and read_once('hanging', webhook_of(owner, action))
    if unresponsive then
        local till, set = string.match(unresponsive, '^(%d+) (.*)$')
        return tonumber(till) > now and set
    end
end

local function store(new, account, owner, title)
    local wait = math.max(0, (tonumber(new.due) or now) - now)
    local state = wait > 0 and 'scheduled' or 'queued'
    local set = wait == 0 and set_of(owner, new.action)
    local due = now + (set and max_deferred or wait)
    local is_soon = wait <= publish_ahead
    local more = is_soon and {'rung', 1} or {}
    local key = 'delivery:' .. new.hook_id
    redis.call('HSET', key,
        'action', new.action, 'profile', new.profile, 'account', account, 'owner', owner, 'title', title,
        'payload', new.payload, 'state', state, 'created', now_text, 'due', text(due), unpack(more))
    if new.platform ~= '' then
        redis.call('HSET', key, 'platform', new.platform)
    end
    if is_soon then
        count_owed(account, 1)
    end
    if set then
        redis.call('HSET', key, 'postponed', set)
        put_into(set, new.hook_id, now_text)
    end
    local lane = lane_of(account)
    local is_published = is_soon and not set
    redis.call('ZADD', 'alarms', text(due + (is_published and slack_of(account, lane) or 0)), new.hook_id)
    list('deliveries:' .. account, new.hook_id, new.action)
    list('deliveriesOf:' .. new.profile, new.hook_id, new.action)
    local is_left = is_published and not (wait == 0 and publish(new.hook_id, lane))
    return {'stored', new.hook_id, state, is_left and text(wait) or '', lane}
end

local function deliver(new, account, title)
    if not is_entitled(account, new.plans, new.add_on) then
        return {'notEntitled', '', '', '', ''}
    end
    local owner = owner_of(new.profile, account, new.action)
    if not owner then
        return {'unregistered', '', '', '', ''}
    end
    return store(new, account, owner, title)
end

-- The e-mail has the id of its event. It is due at once, and the sweep publishes it (mail/claim.lua).
local function store_mail(new, account)
    redis.call('HSET', 'mail:' .. new.hook_id,
        'profile', new.profile, 'account', account, 'payload', new.payload, 'created', now_text, 'due', now_text)
    redis.call('ZADD', 'mailAlarms', now_text, new.hook_id)
end

-- Return what became of an earlier event with this key; nothing if there was none.
local function known_by(key, fingerprint)
    local known = redis.call('HMGET', key, 'fingerprint', 'hookId', 'state')
    if known[1] then
        -- Written again unchanged: a caller that waits for replicas waits for writes on its own connection, and the
        -- first event may not have reached them.
        redis.call('HSET', key, 'hookId', known[2])
        return {known[1] == fingerprint and 'duplicate' or 'conflict', known[2], known[3], '', ''}
    end
end

local function accept(new)
    local profile = 'profile:' .. new.profile
    local title, account = read_once(profile, 'title'), read_once(profile, 'account')
    if not account then
        return {'unknownProfile', '', '', '', ''}
    end
    local known = new.idempotency ~= '' and known_by(new.idempotency, new.fingerprint)
    if known then
        return known
    elseif new.notifies ~= '1' then
        return {'immediatePost', '', '', '', ''}
    end
    local answer = deliver(new, account, title)
    local verdict, hook_id, state = unpack(answer)
    if new.mails == '1' then
        store_mail(new, account)
    end
    if new.idempotency ~= '' and (verdict == 'stored' or new.mails == '1') then
        redis.call('HSET', new.idempotency,
            'fingerprint', new.fingerprint, 'hookId', hook_id, 'state', verdict == 'stored' and state or verdict)
        redis.call('EXPIRE', new.idempotency, key_lifetime)
    end
    return answer
end

local answers = {}
for i, new in ipairs(records_from(13, new_fields)) do
    answers[i] = accept(new)
end
write_counts()
write_messages()
return answers
