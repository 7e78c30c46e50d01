-- Give a profile another key. The one it had stays valid for a while; any older one ends now.
--
-- ARGV: time, refId, the new key's fingerprint, milliseconds for which the one before stays valid
-- Returns {until when that is}, or {} when there is no such profile. Whoever asks once more, because the first
--   answer did not reach it, gets the same.
local ref_id, new, grace = ARGV[2], ARGV[3], tonumber(ARGV[4])
local profile = 'profile:' .. ref_id
local current, old, old_until = unpack(redis.call('HMGET', profile, 'key', 'oldKey', 'oldKeyUntil'))

if not current then
    return {}
end
if current == new then
    return {old_until}
end

if old then
    redis.call('DEL', 'key:' .. old)
end
if grace > 0 then
    redis.call('PEXPIRE', 'key:' .. current, grace)
else
    redis.call('DEL', 'key:' .. current)
end
redis.call('HSET', profile, 'key', new, 'oldKey', current, 'oldKeyUntil', text(now + grace))
redis.call('SET', 'key:' .. new, ref_id)
return {text(now + grace)}
