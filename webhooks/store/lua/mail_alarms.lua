-- Take e-mails that are due, and set the alarm of each anew for the case that its message is lost.
--
-- ARGV: time, pause until it rings again, limit
-- Returns their ids.
local again, limit = text(now + tonumber(ARGV[2])), ARGV[3]
local ringing = {}

for _, mail_id in ipairs(redis.call('ZRANGEBYSCORE', 'mailAlarms', '-inf', text(now), 'LIMIT', 0, limit)) do
    redis.call('ZADD', 'mailAlarms', again, mail_id)
    ringing[#ringing + 1] = mail_id
end
return ringing
