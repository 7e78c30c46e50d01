-- uses: clock
-- Give a profile another key. The current key stays valid for the overlap; any older key ends now.
--
-- ARGV: time, refId, the new key's fingerprint, milliseconds of overlap, the fingerprint of
--   the key that must be the current one, or ''
-- Returns {'replaced', until when that is}; {'unknown'} when there is no such profile; {'old'} when another key is the current
--   one; or, unless all older keys are to end at once, {'early', until when the one before the current one is valid}.
--   A caller that asks again, because the first answer did not reach it, gets the same.
local ref_id, new, overlap, calling = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local profile = 'profile:' .. ref_id
local current, old, old_until = unpack(redis.call('HMGET', profile, 'key', 'oldKey', 'oldKeyUntil'))

if not current then
    return {'unknown'}
end
if current == new then
    return {'replaced', old_until}
end
if calling ~= '' and calling ~= current then
    return {'old'}
end
-- A customer that has not changed over uses the old key: the answer with the current one may be lost.
if old and overlap > 0 and tonumber(old_until) > now then
    return {'early', old_until}
end

if old then
    redis.call('DEL', 'key:' .. old)
end
if overlap > 0 then
    redis.call('PEXPIRE', 'key:' .. current, overlap)
else
    redis.call('DEL', 'key:' .. current)
end
redis.call('HSET', profile, 'key', new, 'oldKey', current, 'oldKeyUntil', text(now + overlap))
redis.call('SET', 'key:' .. new, ref_id)
return {'replaced', text(now + overlap)}
