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

-- What is read of an account or of a profile is the same for all that belongs to it: it is read once in a run.
local read = {}

local function read_once(key, ...)
    read[key] = read[key] or redis.call('HMGET', key, ...)
    return unpack(read[key])
end

-- What an account pays for now: its plan, and its add-ons as JSON; '' each when there is no such account.
local function subscription_of(account)
    local plan, add_ons = read_once('account:' .. account, 'plan', 'addOns')
    return plan or '', add_ons or ''
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

-- What this script has counted so far, by account: a step for many writes each count once, by `write_counts`.
local on_its_way = {}

local function counted(account)
    if not on_its_way[account] then
        local count = tonumber(redis.call('GET', 'onItsWay:' .. account) or 0)
        on_its_way[account] = {before = count, count = count}
    end
    return on_its_way[account]
end

local function count_on_its_way(account, change)
    counted(account).count = counted(account).count + change
end

local function write_counts()
    for account, counts in pairs(on_its_way) do
        if counts.count ~= counts.before and counts.count > 0 then
            redis.call('SET', 'onItsWay:' .. account, counts.count)
        elseif counts.count ~= counts.before then
            redis.call('DEL', 'onItsWay:' .. account)
        end
    end
end

local function lane_of(account)
    return counted(account).count > MOST_IN_EXPRESS and 'bulk' or 'express'
end

-- A server that is full, cannot save, is a replica or is short of them refuses every write: no id is at fault.
local function is_refusal(failure)
    local code = string.match(failure, '^(%u+) ')
    return code and code ~= 'ERR' and code ~= 'WRONGTYPE'
end

-- Forget a feed and all that was found in it; what its profile follows is another matter.
local function forget_feed(feed_id)
    redis.call('DEL', 'feed:' .. feed_id, 'feedItems:' .. feed_id)
    redis.call('ZREM', 'feedsDue', feed_id)
end

local now = clock()
