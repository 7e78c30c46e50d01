-- uses: clock
-- Begin a try to send an e-mail, if one is due. The next one is due after a pause, whatever becomes of this one, so the
-- pause is its lease as well. Each pause is twice as long as the one before.
--
-- ARGV: time, id, first and maximum pause
-- Returns {number of the try, pause, created, profile, account, payload, taken or '', refused or ''}, or {} when it is
-- not due or has ended.
local mail_id, first_pause, max_pause = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local key = 'mail:' .. mail_id
local due = redis.call('HGET', key, 'due')

if not due then
    redis.call('ZREM', 'mailAlarms', mail_id)
    return {}
elseif tonumber(due) > now then
    return {}
end
local number = redis.call('HINCRBY', key, 'tries', 1)
local pause = math.min(first_pause * 2 ^ (number - 1), max_pause)
redis.call('HSET', key, 'due', text(now + pause))
redis.call('ZADD', 'mailAlarms', text(now + pause), mail_id)
local created, profile, account, payload, taken, refused = unpack(redis.call('HMGET', key,
    'created', 'profile', 'account', 'payload', 'taken', 'refused'))
return {number, text(pause), created, profile, account, payload, taken or '', refused or ''}
