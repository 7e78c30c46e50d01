-- Give back leases whose attempts have not begun: each waits in a queue until it is resumed.
--
-- ARGV: time, longest pause, then 4 values for each: hookId, token, queue, 1 if its host hangs or 0
-- Returns {}. Should a queue ever be lost, its deliveries are due again after the longest pause.
--
-- When a host hangs and most of those that were resumed have come back, which is what all workers say together, what is
-- accepted for the same webhook waits in the same queue from the start (see accept.lua): until the queue is resumed, or
-- for so many milliseconds, should nobody resume.
local hangs_for, most = 3000, 0.75
local longest_pause = tonumber(ARGV[2])

local function postpone(hook_id, key, queue, created, resumed_from)
    redis.call('HDEL', key, 'leasedAt', 'token', 'resumedFrom')  -- first, as a full server lets it (see record.lua)
    redis.call('HSET', key, 'due', text(now + longest_pause), 'postponed', queue)
    redis.call('ZADD', 'alarms', text(now + longest_pause), hook_id)
    queue_up(queue, hook_id, created)
    if resumed_from and redis.call('HEXISTS', 'postponed', resumed_from) == 1 then
        redis.call('HINCRBY', 'refused', resumed_from, 1)
    end
end

local function have_most_come_back(queue)
    local resumed = tonumber(redis.call('HGET', 'postponed', queue) or 0)
    return resumed > 0 and tonumber(redis.call('HGET', 'refused', queue) or 0) >= most * resumed
end

local function let_others_wait(owner, action, queue)
    redis.call('HSET', 'hanging', owner .. ' ' .. action, text(now + hangs_for) .. ' ' .. queue)
    redis.call('PEXPIRE', 'hanging', hangs_for)
end

for i = 3, #ARGV, 4 do
    local hook_id, token, queue, hangs = unpack(ARGV, i, i + 3)
    local key = 'delivery:' .. hook_id
    local holder, leased_at, created, resumed_from, owner, action = unpack(redis.call('HMGET', key,
        'token', 'leasedAt', 'created', 'resumedFrom', 'owner', 'action'))
    if holder == token and leased_at then
        postpone(hook_id, key, queue, created, resumed_from)
        if hangs == '1' and have_most_come_back(queue) then
            let_others_wait(owner, action, queue)
        end
    end
end

return {}
