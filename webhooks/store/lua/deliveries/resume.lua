-- uses: clock, lanes, deferred
-- Take deliveries out of the deferred sets, to be attempted now; the oldest of each set first.
--
-- ARGV: time, wake-up slack, minimum, how many of a new set, limit
-- Returns for each {hookId, wait, lane}; nothing if it was called less than a second ago: it determines the pace.
--
-- `postponed` has for each set how many at most were taken from it last time, 0 if it is new. Now it is twice as many;
-- or, if some of those were deferred again, as many as were not, and half as many at the most, as others may still be.
-- It is the minimum at least, which all unresponsive webhooks at the same host share; and no more than the set's share
-- of the limit, and of what the other sets leave of theirs.
local slack, minimum, first, limit = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local interval = 900
local resumed = {}

local sets = redis.call('HGETALL', 'postponed')
if #sets == 0 or math.abs(now - tonumber(redis.call('GET', 'resumed') or 0)) < interval then
    return {}
end
redis.call('SET', 'resumed', text(now), 'PX', 60000)
local round = redis.call('INCR', 'resumptions')
math.randomseed(round)  -- Redis' own seed is the same in each run of a script

-- The host and the webhook of each set whose receiver is unresponsive.
local host_of, webhook_of_set = {}, {}
for i = 1, #sets, 2 do
    host_of[sets[i]], webhook_of_set[sets[i]] = facts_of(sets[i])
end

local function take(hook_id, set)
    local key = 'delivery:' .. hook_id
    local due, account, leased_at, postponed = unpack(redis.call('HMGET', key,
        'due', 'account', 'leasedAt', 'postponed'))
    if due and postponed and not leased_at then
        redis.call('HDEL', key, 'postponed')
        redis.call('HSET', key, 'due', text(now), 'resumedFrom', set)
        redis.call('ZADD', 'alarms', text(now + slack), hook_id)
        resumed[#resumed + 1] = {hook_id, '0', lane_of(account)}
    end
end

-- Note the last one that was taken of an unresponsive webhook, for `must_wait`; nil if the set is empty.
local function note_last(set, hook_id)
    if hook_id then
        redis.call('HSET', 'resumedLast', set, hook_id)
    else
        redis.call('HDEL', 'resumedLast', set)
    end
end

-- Returns how many were taken.
local function resume(set, wish, share)
    local count = math.floor(math.min(wish, share))
    redis.call('HDEL', 'refused', set)
    local taken = redis.call('ZPOPMIN', 'postponed:' .. set, count)
    for i = 1, #taken, 2 do
        pcall(take, taken[i], set)  -- a claim reports what cannot be read, when it wakes up
    end
    if #taken > 0 then
        redis.call('HSET', 'postponed', set, count)
    else
        redis.call('HDEL', 'postponed', set)
    end
    if webhook_of_set[set] then
        redis.call('HDEL', 'hanging', webhook_of_set[set])
        note_last(set, taken[#taken - 1])
    end
    return #taken / 2
end

-- Whether no more of a set may be taken yet: its receiver is unresponsive, and no worker has claimed the last one that
-- was taken, as lanes are long. If those are refused again, more of them would only make the lanes longer.
local function must_wait(set)
    local last = host_of[set] and redis.call('HGET', 'resumedLast', set)
    if last then
        local resumed_from, leased_at = unpack(redis.call('HMGET', 'delivery:' .. last, 'resumedFrom', 'leasedAt'))
        return resumed_from == set and not leased_at
    end
end

-- How many would be taken of a set by what became of those that were taken last time.
local function wish_of(set, last_time)
    local refused = tonumber(redis.call('HGET', 'refused', set) or 0)
    return refused > 0 and math.min(last_time - refused, last_time / 2) or last_time * 2
end

-- Unresponsive webhooks by host: how many there are, and how many of them have been served in this run.
local unresponsive_at = {}
for _, host in pairs(host_of) do
    if host then
        unresponsive_at[host] = unresponsive_at[host] or {count = 0, served = 0}
        unresponsive_at[host].count = unresponsive_at[host].count + 1
    end
end

-- The part of an unresponsive webhook in the minimum of its host; where there are too many, one delivery in its turn.
local function part_of_minimum(host)
    local at_host = unresponsive_at[host]
    local position = at_host.served
    at_host.served = position + 1
    if at_host.count <= minimum then
        return math.floor(minimum / at_host.count)
    end
    return (position - round * minimum) % at_host.count < minimum and 1 or 0
end

local function minimum_of(set, last_time)
    local host = host_of[set]
    if host then
        return part_of_minimum(host)
    end
    return last_time == 0 and first or minimum
end

-- The sets that will use least of their shares come first: what they leave is for the others. Among sets that will use
-- as much, the order is random, as the first may take the last places.
local wishes = {}
for i = 1, #sets, 2 do
    local set, last_time = sets[i], tonumber(sets[i + 1])
    local wish = math.max(minimum_of(set, last_time), wish_of(set, last_time))
    if wish >= 1 and not must_wait(set) then
        local will_use = math.min(wish, redis.call('ZCARD', 'postponed:' .. set))
        wishes[#wishes + 1] = {set, wish, will_use + math.random()}
    end
end
table.sort(wishes, function(one, other) return one[3] < other[3] end)
for i, one in ipairs(wishes) do
    local set, wish = unpack(one)
    limit = limit - resume(set, wish, math.max(1, limit / (#wishes - i + 1)))
end

return resumed
