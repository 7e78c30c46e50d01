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

-- How many deliveries of an account wait for their first attempt, and which lane to the workers it uses: with more
-- than these, the one for bulk.
local MOST_IN_EXPRESS = 500

local function queued(account)
    return tonumber(redis.call('GET', 'queued:' .. account) or 0)
end

local function lane(count)
    return count > MOST_IN_EXPRESS and 'bulk' or 'express'
end

local function count_queued(account, change)
    if redis.call('INCRBY', 'queued:' .. account, change) <= 0 then
        redis.call('DEL', 'queued:' .. account)
    end
end

local now = clock()
