-- Take deliveries from the queues of what was postponed, to be attempted now; the oldest of each queue first.
--
-- ARGV: time, grace, least, how many of a new queue, limit
-- Returns for each {hookId, wait, lane}; nothing if it was called less than a second ago, for it sets the pace.
--
-- `postponed` has for each queue how many at most were taken from it last time, 0 if it is new. Now it is twice as many;
-- or, if some of those have come back, as many as have not, and half as many at the most, as others may come back still.
-- It is `least` at least, which all webhooks whose receivers hang at the same host have together; and no queue's more than
-- its share of the limit, and of what others do not use of theirs.
local grace, least, first, limit = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local interval = 900
local resumed = {}

local queues = redis.call('HGETALL', 'postponed')
if #queues == 0 or math.abs(now - tonumber(redis.call('GET', 'resumed') or 0)) < interval then
    return {}
end
redis.call('SET', 'resumed', text(now), 'PX', 60000)
local round = redis.call('INCR', 'resumptions')
math.randomseed(round)  -- what Redis would draw by itself is the same in each run

local function take(hook_id, queue)
    local key = 'delivery:' .. hook_id
    local due, account, leased_at, postponed = unpack(redis.call('HMGET', key,
        'due', 'account', 'leasedAt', 'postponed'))
    if due and postponed and not leased_at then
        redis.call('HDEL', key, 'postponed')
        redis.call('HSET', key, 'due', text(now), 'resumedFrom', queue)
        redis.call('ZADD', 'alarms', text(now + grace), hook_id)
        resumed[#resumed + 1] = {hook_id, '0', lane_of(account)}
    end
end

-- Note the last that was taken of a queue whose receiver hangs, for `must_wait`; nil if it is empty.
local function note_last(queue, hook_id)
    if hook_id then
        redis.call('HSET', 'resumedLast', queue, hook_id)
    else
        redis.call('HDEL', 'resumedLast', queue)
    end
end

-- Returns how many were taken.
local function resume(queue, wish, share)
    local count = math.floor(math.min(wish, share))
    redis.call('HDEL', 'refused', queue)
    local taken = redis.call('ZPOPMIN', 'postponed:' .. queue, count)
    for i = 1, #taken, 2 do
        pcall(take, taken[i], queue)  -- what cannot be read is told of by a claim, when its alarm rings
    end
    if #taken > 0 then
        redis.call('HSET', 'postponed', queue, count)
    else
        redis.call('HDEL', 'postponed', queue)
    end
    local _, webhook = hanging_in(queue)
    if webhook then
        redis.call('HDEL', 'hanging', webhook)
        note_last(queue, taken[#taken - 1])
    end
    return #taken / 2
end

-- Whether more of a queue must not be taken yet: its receiver hangs, and no worker has come to the last of those that
-- were taken last time, as lanes are long. If they will not go through, more would only make the lanes longer.
local function must_wait(queue)
    local last = hanging_in(queue) and redis.call('HGET', 'resumedLast', queue)
    if last then
        local resumed_from, leased_at = unpack(redis.call('HMGET', 'delivery:' .. last, 'resumedFrom', 'leasedAt'))
        return resumed_from == queue and not leased_at
    end
end

-- How many would be taken of a queue by what became of those that were taken last time.
local function wish_of(queue, last_time)
    local refused = tonumber(redis.call('HGET', 'refused', queue) or 0)
    return refused > 0 and math.min(last_time - refused, last_time / 2) or last_time * 2
end

-- Webhooks whose receivers hang at a host: how many there are, and how many of them have come by.
local hanging_at = {}

local function count_hanging(queue)
    local host = hanging_in(queue)
    if host then
        hanging_at[host] = hanging_at[host] or {count = 0, passed = 0}
        hanging_at[host].count = hanging_at[host].count + 1
    end
end

-- What such a webhook has of what all at its host have together: if these are too many, one delivery when it is its turn.
local function part_of_least(host)
    local at_host = hanging_at[host]
    local place = at_host.passed
    at_host.passed = place + 1
    if at_host.count <= least then
        return math.floor(least / at_host.count)
    end
    return (place - round * least) % at_host.count < least and 1 or 0
end

local function least_of(queue, last_time)
    local host = hanging_in(queue)
    if host then
        return part_of_least(host)
    end
    return last_time == 0 and first or least
end

for i = 1, #queues, 2 do
    count_hanging(queues[i])
end

-- Those that will use least of their shares first: what they leave is for the others. Of those that will use as much it
-- is by chance, as the first may take the last places.
local wishes = {}
for i = 1, #queues, 2 do
    local queue, last_time = queues[i], tonumber(queues[i + 1])
    local wish = math.max(least_of(queue, last_time), wish_of(queue, last_time))
    if wish >= 1 and not must_wait(queue) then
        local will_use = math.min(wish, redis.call('ZCARD', 'postponed:' .. queue))
        wishes[#wishes + 1] = {queue, wish, will_use + math.random()}
    end
end
table.sort(wishes, function(one, other) return one[3] < other[3] end)
for i, one in ipairs(wishes) do
    local queue, wish = unpack(one)
    limit = limit - resume(queue, wish, math.max(1, limit / (#wishes - i + 1)))
end

return resumed
