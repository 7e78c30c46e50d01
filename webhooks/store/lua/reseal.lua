-- Put sealed secrets in the place of others, unless these have been changed meanwhile.
--
-- ARGV: time, then 3 values for each: refId, the secret that must still be there, the one to put there
-- Returns for each 1, or 0 when another secret is there by now, or none.
local answers = {}

for i = 2, #ARGV, 3 do
    local profile, before, after = 'profile:' .. ARGV[i], ARGV[i + 1], ARGV[i + 2]
    local unchanged = redis.call('HGET', profile, 'secret') == before
    if unchanged then
        redis.call('HSET', profile, 'secret', after)
    end
    answers[#answers + 1] = unchanged and 1 or 0
end

return answers
