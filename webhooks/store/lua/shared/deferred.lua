-- Deferred deliveries wait in sets. `postponed` names the sets, and `deferredSet:<set>` says of each:
--   breadth: how much a further refusal of its deliveries says about the others in it (see defer.lua)
--   host, webhook: of a webhook whose receiver is unresponsive; empty for other sets
local function facts_of(set)
    local host, webhook = unpack(redis.call('HMGET', 'deferredSet:' .. set, 'host', 'webhook'))
    return host ~= '' and host, webhook ~= '' and webhook
end

-- Put a delivery into a set, where it waits until it is resumed.
local function put_into(set, hook_id, created)
    redis.call('ZADD', 'postponed:' .. set, created, hook_id)
    redis.call('HSETNX', 'postponed', set, 0)
end
