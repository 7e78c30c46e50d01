-- Record a try to send an e-mail, unless the e-mail has ended meanwhile.
--
-- ARGV: time, id, addresses for which it was taken, those for which it was refused for good, how it ended or ''
-- Returns {}. A caller that asks again, because the first answer did not come, changes nothing.
local mail_id, taken, refused, ending = unpack(ARGV, 2)
local key = 'mail:' .. mail_id

if redis.call('EXISTS', key) == 1 then
    if ending == '' then
        redis.call('HSET', key, 'taken', taken, 'refused', refused)
    else
        redis.call('DEL', key)  -- first, as a full server allows it (see record.lua)
        redis.call('ZREM', 'mailAlarms', mail_id)
        redis.call('HINCRBY', 'mailsEnded', ending, 1)
    end
end
return {}
