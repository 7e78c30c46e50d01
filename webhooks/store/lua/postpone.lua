-- Give back leases whose attempts have not begun: each waits in a queue until it is resumed.
--
-- ARGV: time, longest pause, then 4 values for each: hookId, token, queue, 1 if its host hangs or 0
-- Returns {}. Should a queue ever be lost, its deliveries are due again after the longest pause.
--
-- What is accepted for the same webhook of a host that hangs waits in the same queue from the start (see accept.lua):
-- until the queue is resumed, or for so many seconds, should nobody resume.
local hangs_for = 3
local longest_pause = tonumber(ARGV[2])

local function postpone(hook_id, key, queue, created, was_resumed)
    redis.call('HDEL', key, 'leasedAt', 'token', 'resumed')  -- first, as a full server lets it (see record.lua)
    redis.call('HSET', key, 'due', text(now + longest_pause), 'postponed', queue)
    redis.call('ZADD', 'alarms', text(now + longest_pause), hook_id)
    queue_up(queue, hook_id, created)
    if was_resumed then
        redis.call('HINCRBY', 'refused', queue, 1)
    end
end

local function let_others_wait(owner, action, queue)
    redis.call('HSET', 'hanging', owner .. ' ' .. action, queue)
    redis.call('EXPIRE', 'hanging', hangs_for)
end

for i = 3, #ARGV, 4 do
    local hook_id, token, queue, hangs = unpack(ARGV, i, i + 3)
    local key = 'delivery:' .. hook_id
    local holder, leased_at, created, was_resumed, owner, action = unpack(redis.call('HMGET', key,
        'token', 'leasedAt', 'created', 'resumed', 'owner', 'action'))
    if holder == token and leased_at then
        postpone(hook_id, key, queue, created, was_resumed)
        if hangs == '1' then
            let_others_wait(owner, action, queue)
        end
    end
end

return {}
