-- uses: feeds
-- Remove a user profile with its keys, its secrets, its webhooks and its feeds.
--
-- ARGV: time, refId
-- Returns {}
local ref_id = ARGV[2]
local profile = 'profile:' .. ref_id
local account, key, old_key = unpack(redis.call('HMGET', profile, 'account', 'key', 'oldKey'))

if account then
    redis.call('DEL', profile, 'webhooks:' .. ref_id, 'oldSecret:' .. ref_id, 'key:' .. key, 'key:' .. (old_key or key))
    for _, feed_id in ipairs(redis.call('HVALS', 'feeds:' .. ref_id)) do
        forget_feed(account, feed_id)
    end
    redis.call('DEL', 'feeds:' .. ref_id)
    redis.call('SREM', 'profiles:' .. account, ref_id)
end
return {}
