-- The ledger's one clock, in milliseconds: the server's, unless a test hands in another time.
-- ARGV[1] is that other time, or empty.
local function clock()
    if ARGV[1] ~= '' then
        return tonumber(ARGV[1])
    end
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end

local now = clock()

-- Milliseconds as text without an exponent.
local function text(milliseconds)
    return string.format('%.0f', milliseconds)
end
