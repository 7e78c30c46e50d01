-- Write to a profile, if it is still there: it may be removed at the same moment.
--
-- ARGV: time, refId, sealed secret or '', action or '', webhook
-- Returns {1}, or {} when there is no such profile.
local ref_id, sealed_secret, action, webhook = unpack(ARGV, 2)
if redis.call('EXISTS', 'profile:' .. ref_id) == 0 then
    return {}
end
if sealed_secret ~= '' then
    redis.call('HSET', 'profile:' .. ref_id, 'secret', sealed_secret)
end
if action ~= '' then
    redis.call('HSET', 'webhooks:' .. ref_id, action, webhook)
end
return {1}
