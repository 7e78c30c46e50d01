-- Give back leases whose attempts have not begun: each waits in a queue until it is resumed.
--
-- ARGV: time, longest pause, then 3 values for each: hookId, token, queue (see prelude.lua)
-- Returns {}. Should a queue ever be lost, its deliveries are due again after the longest pause.
--
-- What is accepted for a webhook whose receiver hangs waits in the same queue from the start (see accept.lua): until some of
-- it is resumed, or for so many milliseconds, should nobody resume; and not while another worker is answered (see record.lua).
local hangs_for = 60000
local longest_pause = tonumber(ARGV[2])

local function let_others_wait(queue, webhook)
    if tonumber(redis.call('GET', 'answers:' .. webhook) or 0) <= now then
        redis.call('HSET', 'hanging', webhook, text(now + hangs_for) .. ' ' .. queue)
        redis.call('PEXPIRE', 'hanging', hangs_for)
    end
end

-- Whether one that must wait in a queue tells of others in the queue that it came from. That its account has too many under
-- way does, and that a worker is out of resources even more; but if only its host has, or its receiver hangs, those for
-- other hosts or other receivers may go through.
local breadth = {resources = 4, account = 3, host = 2, hanging = 1}

local function breadth_of(queue)
    return breadth[string.match(queue, '^%a+')] or 0
end

local function tells_of_others(queue, came_from)
    return breadth_of(queue) >= breadth_of(came_from)
end

local function postpone(hook_id, key, queue, created, resumed_from)
    redis.call('HDEL', key, 'leasedAt', 'token', 'resumedFrom')  -- first, as a full server lets it (see record.lua)
    redis.call('HSET', key, 'due', text(now + longest_pause), 'postponed', queue)
    redis.call('ZADD', 'alarms', text(now + longest_pause), hook_id)
    queue_up(queue, hook_id, created)
    if resumed_from and tells_of_others(queue, resumed_from) and redis.call('HEXISTS', 'postponed', resumed_from) == 1 then
        redis.call('HINCRBY', 'refused', resumed_from, 1)
    end
    local _, webhook = hanging_in(queue)
    if webhook then
        let_others_wait(queue, webhook)
    end
end

for i = 3, #ARGV, 3 do
    local hook_id, token, queue = unpack(ARGV, i, i + 2)
    local key = 'delivery:' .. hook_id
    local holder, leased_at, created, resumed_from = unpack(redis.call('HMGET', key,
        'token', 'leasedAt', 'created', 'resumedFrom'))
    if holder == token and leased_at then
        postpone(hook_id, key, queue, created, resumed_from)
    end
end

return {}
