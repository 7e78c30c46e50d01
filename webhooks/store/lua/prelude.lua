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

local now = clock()
