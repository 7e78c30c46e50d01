-- Resolve new deliveries and store them, and an e-mail for each event that makes one. An event whose idempotency key is
-- known is not stored again.
--
-- ARGV: time, ring ahead, grace, more grace for each that may be before it and the most of that, longest pause (see
--   postpone.lua), key lifetime and history in seconds, for the lanes express and bulk each the key of its list and the
--   message to put there, both '' if the caller publishes what is due at once, then for each delivery the `fields`
--   below: due, idempotency key, add-on and platform may be ''; notifies and mails are 1 or 0; plans are those of which
--   it needs one, as JSON; and the platform is there if it need be known
-- Returns for each {verdict, hookId, state, wait, lane}; wait is '' when the caller need not publish the id: nothing
--   was stored, it is in its lane already, or the sweep will, as it is due later than `ring ahead` or waits in a queue.
local fields = {'hook_id', 'action', 'profile', 'payload', 'due', 'notifies', 'mails', 'idempotency', 'fingerprint',
    'plans', 'add_on', 'platform'}
local ring_ahead, grace = tonumber(ARGV[2]), tonumber(ARGV[3])
local grace_for_each, most_for_all = tonumber(ARGV[4]), tonumber(ARGV[5])
local longest_pause, key_lifetime, history = tonumber(ARGV[6]), ARGV[7], tonumber(ARGV[8])

local lanes = {express = {key = ARGV[9], message = ARGV[10]}, bulk = {key = ARGV[11], message = ARGV[12]}}

-- What is due at once and goes into its lane, all of a lane in one message.
local due_at_once = {express = {}, bulk = {}}

-- Returns whether there is a lane to put it into.
local function publish(hook_id, lane)
    if lanes[lane].key == '' then
        return false
    end
    table.insert(due_at_once[lane], hook_id)
    return true
end

-- Whatever it is that the lane cannot take must not turn stored events into an error: the sweep publishes them.
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

-- The lists of this run, each of which is kept on once.
local listed = {}

-- Add a delivery to a list by time. The server's clock may have been set back since the last was added.
local function list(key, hook_id, action)
    local added = redis.pcall('XADD', key, 'MINID', '~', oldest, this_moment, 'hookId', hook_id, 'action', action)
    if type(added) == 'table' and added.err then
        redis.call('XADD', key, 'MINID', '~', oldest, '*', 'hookId', hook_id, 'action', action)
    end
    if not listed[key] then
        redis.call('EXPIRE', key, history)
        listed[key] = true
    end
end

-- How long after its due time a delivery that nobody has claimed has most likely lost its message. In the lane for bulk
-- that may wait behind others of its account until then.
local function patience(account, lane)
    local others = lane == 'bulk' and math.min(counted(account).count * grace_for_each, most_for_all) or 0
    return grace + others
end

-- The queue in which others for the same webhook have just had to wait, as its receiver hangs (see postpone.lua).
local does_any_hang = redis.call('EXISTS', 'hanging') == 1

local function queue_of(owner, action)
    local hanging = does_any_hang and read_once('hanging', webhook_of(owner, action))
    if hanging then
        local till, queue = string.match(hanging, '^(%d+) (.*)$')
        return tonumber(till) > now and queue
    end
end

local function store(new, account, owner, title)
    local wait = math.max(0, (tonumber(new.due) or now) - now)
    local state = wait > 0 and 'scheduled' or 'queued'
    local queue = wait == 0 and queue_of(owner, new.action)
    local due = now + (queue and longest_pause or wait)
    local is_soon = wait <= ring_ahead
    local more = is_soon and {'rung', 1} or {}
    local key = 'delivery:' .. new.hook_id
    redis.call('HSET', key,
        'action', new.action, 'profile', new.profile, 'account', account, 'owner', owner, 'title', title,
        'payload', new.payload, 'state', state, 'created', now_text, 'due', text(due), unpack(more))
    if new.platform ~= '' then
        redis.call('HSET', key, 'platform', new.platform)
    end
    if is_soon then
        count_on_its_way(account, 1)
    end
    if queue then
        redis.call('HSET', key, 'postponed', queue)
        queue_up(queue, new.hook_id, now_text)
    end
    local lane = lane_of(account)
    local is_published = is_soon and not queue
    redis.call('ZADD', 'alarms', text(due + (is_published and patience(account, lane) or 0)), new.hook_id)
    list('deliveries:' .. account, new.hook_id, new.action)
    list('deliveriesOf:' .. new.profile, new.hook_id, new.action)
    local is_left = is_published and not (wait == 0 and publish(new.hook_id, lane))
    return {'stored', new.hook_id, state, is_left and text(wait) or '', lane}
end

local function deliver(new, account, title)
    if not includes(account, new.plans, new.add_on) then
        return {'notEntitled', '', '', '', ''}
    end
    local owner = owner_of(new.profile, account, new.action)
    if not owner then
        return {'unregistered', '', '', '', ''}
    end
    return store(new, account, owner, title)
end

-- It has the id of its event. It is due at once, and the sweep publishes that (see claim_mail.lua).
local function store_mail(new, account)
    redis.call('HSET', 'mail:' .. new.hook_id,
        'profile', new.profile, 'account', account, 'payload', new.payload, 'created', now_text, 'due', now_text)
    redis.call('ZADD', 'mailAlarms', now_text, new.hook_id)
end

-- Return what became of an event that was sent under this key before; nothing if none was.
local function known_by(key, fingerprint)
    local known = redis.call('HMGET', key, 'fingerprint', 'hookId', 'state')
    if known[1] then
        -- Written anew as it is: who waits for replicas waits for what was written on the same connection,
        -- and the first event may not have got to them.
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
for i = 13, #ARGV, #fields do
    local new = {}
    for j, field in ipairs(fields) do
        new[field] = ARGV[i + j - 1]
    end
    answers[#answers + 1] = accept(new)
end
write_counts()
write_messages()
return answers
