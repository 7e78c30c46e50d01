-- Put sealed secrets in the place of others, unless these have been changed meanwhile.
--
-- ARGV: time, then 5 values for each profile: refId, its current secret and the one before it or '' as they must still
--   be there, and the two to put there
-- Returns for each 1, or 0 when there are others by now, or none.
local answers = {}

local function reseal(ref_id, current, old, new_current, new_old)
    local profile, old_key = 'profile:' .. ref_id, 'oldSecret:' .. ref_id
    if redis.call('HGET', profile, 'secret') ~= current or (redis.call('GET', old_key) or '') ~= old then
        return 0
    end
    redis.call('HSET', profile, 'secret', new_current)
    if old ~= '' then
        redis.call('SET', old_key, new_old, 'KEEPTTL')
    end
    return 1
end

for i = 2, #ARGV, 5 do
    answers[#answers + 1] = reseal(unpack(ARGV, i, i + 4))
end

return answers
