-- uses: clock
-- Take e-mails that are due, and set the next wake-up time of each, in case its message is lost.
--
-- ARGV: time, pause until the next wake-up, limit
-- Returns their ids.
local again, limit = text(now + tonumber(ARGV[2])), ARGV[3]
local woken = {}

for _, mail_id in ipairs(redis.call('ZRANGEBYSCORE', 'mailAlarms', '-inf', text(now), 'LIMIT', 0, limit)) do
    redis.call('ZADD', 'mailAlarms', again, mail_id)
    woken[#woken + 1] = mail_id
end
return woken
