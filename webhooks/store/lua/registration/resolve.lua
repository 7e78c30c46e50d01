-- uses: subscriptions, webhooks
-- Return the owner of the webhook that an event would go to, and what the account pays for.
--
-- ARGV: time, refId, action
-- Returns {} when there is no such profile, else {owner or '', plan, add-ons}.
local account = redis.call('HGET', 'profile:' .. ARGV[2], 'account')
if not account then
    return {}
end
local plan, add_ons = subscription_of(account)
return {owner_of(ARGV[2], account, ARGV[3]) or '', plan, add_ons}
