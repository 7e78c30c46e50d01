-- uses: clock
-- Undo a try to send an e-mail that could not be made: it does not count, and the next is due after a short pause.
--
-- ARGV: time, id, number of the try, pause
-- Returns {}. An e-mail that has ended, or was tried again meanwhile, stays as it is.
local mail_id, number, pause = ARGV[2], ARGV[3], tonumber(ARGV[4])
local key = 'mail:' .. mail_id

if redis.call('HGET', key, 'tries') == number then
    redis.call('HINCRBY', key, 'tries', -1)
    redis.call('HSET', key, 'due', text(now + pause))
    redis.call('ZADD', 'mailAlarms', text(now + pause), mail_id)
end
return {}
