-- uses: clock, records, deferred
-- Give back leases whose attempts have not begun: each delivery waits in a set until it is resumed.
--
-- ARGV: time, longest time deferred, then the records `deferral`: `host` and `webhook` are '' unless the set is that of a
--   webhook whose receiver is unresponsive
-- Returns {}. Should a set ever be lost, its deliveries are due again after the longest time deferred.
local max_deferred = tonumber(ARGV[2])

-- New deliveries for an unresponsive webhook go into its set at once (accept.lua): until some of the set are resumed,
-- or for so many milliseconds; and not while another worker gets answers (record.lua).
local unresponsive_for = 60000

local function defer_new_ones(set, webhook)
    if tonumber(redis.call('GET', 'answers:' .. webhook) or 0) <= now then
        redis.call('HSET', 'hanging', webhook, text(now + unresponsive_for) .. ' ' .. set)
        redis.call('PEXPIRE', 'hanging', unresponsive_for)
    end
end

-- Whether a delivery that was resumed from a set, and is deferred again for another reason, says that the others of
-- that set would be refused as well. A full account does, and a worker without resources even more. But if only its
-- host is full or its receiver unresponsive, deliveries to other hosts or receivers may be admitted.
local function says_of_others(breadth, resumed_from)
    return tonumber(breadth) >= tonumber(redis.call('HGET', 'deferredSet:' .. resumed_from, 'breadth') or 0)
end

-- The sets that this run has described.
local described = {}

local function describe(set, deferral)
    if not described[set] then
        redis.call('HSET', 'deferredSet:' .. set,
            'breadth', deferral.breadth, 'host', deferral.host, 'webhook', deferral.webhook)
        redis.call('PEXPIRE', 'deferredSet:' .. set, 2 * max_deferred)
        described[set] = true
    end
end

local function defer(deferral, key, created, resumed_from)
    local set = deferral.set
    redis.call('HDEL', key, 'leasedAt', 'token', 'resumedFrom')  -- first, as a full server allows it (see record.lua)
    redis.call('HSET', key, 'due', text(now + max_deferred), 'postponed', set)
    redis.call('ZADD', 'alarms', text(now + max_deferred), deferral.hook_id)
    put_into(set, deferral.hook_id, created)
    describe(set, deferral)
    if resumed_from and says_of_others(deferral.breadth, resumed_from)
        and redis.call('HEXISTS', 'postponed', resumed_from) == 1 then
        redis.call('HINCRBY', 'refused', resumed_from, 1)
    end
    if deferral.webhook ~= '' then
        defer_new_ones(set, deferral.webhook)
    end
end

for _, deferral in ipairs(records_from(3, deferral_fields)) do
    local key = 'delivery:' .. deferral.hook_id
    local holder, leased_at, created, resumed_from = unpack(redis.call('HMGET', key,
        'token', 'leasedAt', 'created', 'resumedFrom'))
    if holder == deferral.token and leased_at then
        defer(deferral, key, created, resumed_from)
    end
end

return {}
