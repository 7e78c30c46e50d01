-- uses: clock, webhooks
-- Write to a profile, if it is still there: it may be removed at the same moment.
--
-- ARGV: time, refId, the sealed secret that must be the current one or '', the one to put in its place or '' to leave
--   it, milliseconds of the previous one's rotation window, action or '', webhook
-- Returns {1}; {0}, and nothing has changed, when another secret is the current one by now; {} when there is no such
--   profile.
local ref_id, before, after, window, action, webhook = unpack(ARGV, 2)
local profile, old_secret = 'profile:' .. ref_id, 'oldSecret:' .. ref_id

local function rotate()
    redis.call('HSET', profile, 'secret', after)
    if tonumber(window) > 0 then
        redis.call('SET', old_secret, before, 'PX', window)
        redis.call('HSET', profile, 'oldSecretUntil', text(now + window))
    else
        redis.call('DEL', old_secret)
        redis.call('HDEL', profile, 'oldSecretUntil')
    end
end

if redis.call('EXISTS', profile) == 0 then
    return {}
end
if after ~= '' then
    if (redis.call('HGET', profile, 'secret') or '') ~= before then
        return {0}
    end
    rotate()
end
if action ~= '' then
    redis.call('HSET', 'webhooks:' .. ref_id, action, webhook)
    redis.call('HDEL', 'hanging', webhook_of(ref_id, action))  -- it may be another host
end
return {1}
