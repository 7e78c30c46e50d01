-- Give a profile another title, which the events that are accepted from now on carry.
--
-- ARGV: time, refId, title
-- Returns {1}, or {0} when there is no such profile: one that was removed does not come back.
local profile, title = 'profile:' .. ARGV[2], ARGV[3]

if redis.call('EXISTS', profile) == 0 then
    return {0}
end
redis.call('HSET', profile, 'title', title)
return {1}
