-- Tell whose webhook an event would go to.
--
-- ARGV: time, refId, action
-- Returns {} when there is no such profile, else {owner or ''}.
local account = redis.call('HGET', 'profile:' .. ARGV[2], 'account')
if not account then
    return {}
end
return {owner_of(ARGV[2], account, ARGV[3]) or ''}
