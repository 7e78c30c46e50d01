-- Fields of accounts, profiles and webhooks are the same for all deliveries of a run: each is read once.
local cached = {}

local function read_once(key, field)
    local known = cached[key] or {}
    cached[key] = known
    if known[field] == nil then
        known[field] = redis.call('HGET', key, field)  -- false if it is missing
    end
    return known[field]
end
