-- Store a new user profile, unless its account has the maximum.
--
-- ARGV: time, refId, the account's refId, title, milliseconds when it was made, its key's fingerprint, the
--   maximum of an account
-- Returns {1}, or {0} when there are too many. A caller that asks again, because the first answer did not reach it,
--   gets the same.
local ref_id, account, title, created, key, max_profiles = unpack(ARGV, 2)
local profiles = 'profiles:' .. account

if redis.call('SISMEMBER', profiles, ref_id) == 1 then
    return {1}
end
if redis.call('SCARD', profiles) >= tonumber(max_profiles) then
    return {0}
end
redis.call('HSET', 'profile:' .. ref_id, 'account', account, 'title', title, 'created', created, 'key', key)
redis.call('SADD', profiles, ref_id)
redis.call('SET', 'key:' .. key, ref_id)
return {1}
