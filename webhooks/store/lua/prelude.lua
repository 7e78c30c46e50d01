-- What every script begins with.

-- The ledger's one clock, in milliseconds: the server's, unless a test hands in another time.
-- ARGV[1] is that other time, or empty.
local function clock()
    if ARGV[1] ~= '' then
        return tonumber(ARGV[1])
    end
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Milliseconds as text without an exponent.
local function text(milliseconds)
    return string.format('%.0f', milliseconds)
end

-- Whose webhook an event goes to: the profile's own for the action, else the primary profile's, else nobody's.
local function owner_of(profile, account, action)
    for _, owner in ipairs({profile, account}) do
        if redis.call('HEXISTS', 'webhooks:' .. owner, action) == 1 then
            return owner
        end
    end
end

-- An account with more deliveries on their way than these uses the lane for bulk. On its way is what has been
-- published and has not ended: it has the field `rung`.
local MOST_IN_EXPRESS = 200

local function count_on_its_way(account, change)
    local count = redis.call('INCRBY', 'onItsWay:' .. account, change)
    if count <= 0 then
        redis.call('DEL', 'onItsWay:' .. account)
    end
end

local function lane_of(account)
    return tonumber(redis.call('GET', 'onItsWay:' .. account) or 0) > MOST_IN_EXPRESS and 'bulk' or 'express'
end

-- Note that a delivery has ended: nothing is owed any more.
local function end_delivery(hook_id, key, lifetime)
    if redis.call('HDEL', key, 'due', 'rung') == 2 then
        count_on_its_way(redis.call('HGET', key, 'account'), -1)
    end
    redis.call('ZREM', 'alarms', hook_id)
    redis.call('EXPIRE', key, lifetime)
end

local now = clock()
