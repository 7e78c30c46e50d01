-- uses: subscriptions, webhooks, feeds_due
-- Lease feeds that are due. Accounts are served in turn, each with as many as its share leaves. A feed for whose items
-- no webhook would be called is passed over: it is due again after a pause, and `unheard` until it is read.
--
-- ARGV: time, token, limit, share of an account, lease, pause, plans of which one is needed, as JSON, add-on that is
--   needed or '', then the accounts that have some of their share already, each with how many
-- Returns {now, whether more are due, feeds}, each feed {feedId, account, profile, url, type, title, etag, lastModified,
--   digest, fetched, unheard, failures}; of what is not known yet, nil.
local token, plans, add_on = ARGV[2], ARGV[7], ARGV[8]
local limit, share, lease, pause = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

-- Feeds of an account that are looked at in its turn: many may have to be passed over.
local MAX_LOOKED_AT = 100

local has, full = {}, 0
for i = 9, #ARGV, 2 do
    has[ARGV[i]], full = tonumber(ARGV[i + 1]), full + 1
end
local taken = {}

local function take(line, feed_id)
    local feed = 'feed:' .. feed_id
    redis.call('ZADD', line, text(now + lease), feed_id)
    redis.call('HSET', feed, 'token', token)
    taken[#taken + 1] = {feed_id, unpack(redis.call('HMGET', feed, 'account', 'profile', 'url', 'type', 'title', 'etag',
        'lastModified', 'digest', 'fetched', 'unheard', 'failures'))}
end

local function pass_over(line, feed_id)
    redis.call('ZADD', line, text(now + pause), feed_id)
    redis.call('HDEL', 'feed:' .. feed_id, 'token')
    redis.call('HSET', 'feed:' .. feed_id, 'unheard', 1)
end

local function serve(account, slots)
    local line, may_be_called = 'feedsDue:' .. account, is_entitled(account, plans, add_on)
    for _, feed_id in ipairs(redis.call('ZRANGEBYSCORE', line, '-inf', text(now), 'LIMIT', 0, MAX_LOOKED_AT)) do
        local profile = redis.call('HGET', 'feed:' .. feed_id, 'profile')
        if not may_be_called or not owner_of(profile, account, 'feed') then
            pass_over(line, feed_id)
        elseif slots > 0 then
            take(line, feed_id)
            slots = slots - 1
        else
            break
        end
    end
    line_up(account, now)
end

-- No more accounts than these have to be looked at: each that is not full gives one feed at least, or has none to give.
for _, account in ipairs(redis.call('ZRANGEBYSCORE', 'feedsDue', '-inf', text(now), 'LIMIT', 0, limit + full)) do
    local slots = math.min(limit - #taken, share - (has[account] or 0))
    if slots > 0 then
        serve(account, slots)
    end
end
return {text(now), redis.call('ZCOUNT', 'feedsDue', '-inf', text(now)), taken}
