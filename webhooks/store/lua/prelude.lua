-- What every script begins with.

-- The ledger's one clock, in milliseconds: the server's, unless a test hands in another time.
-- ARGV[1] is that other time, or empty.
local function clock()
    if ARGV[1] ~= '' then
        return tonumber(ARGV[1])
    end
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end

local now = clock()

-- Milliseconds as text without an exponent.
local function text(milliseconds)
    return string.format('%.0f', milliseconds)
end

-- What is read of an account or of a profile is the same for all that belongs to it: a field is read once in a run.
local read = {}

local function read_once(key, field)
    local known = read[key] or {}
    read[key] = known
    if known[field] == nil then
        known[field] = redis.call('HGET', key, field)  -- false if it is not there
    end
    return known[field]
end

-- What an account pays for now: its plan, and its add-ons as JSON; '' each when there is no such account.
local function subscription_of(account)
    local key = 'account:' .. account
    return read_once(key, 'plan') or '', read_once(key, 'addOns') or ''
end

local function holds(list, word)
    return string.find(list, '"' .. word .. '"', 1, true)
end

-- Whether an account pays for what needs one of these plans, as JSON, and an add-on unless that is ''.
local function includes(account, plans, add_on)
    local plan, add_ons = subscription_of(account)
    return holds(plans, plan) and (add_on == '' or holds(add_ons, add_on))
end

-- Whose webhook an event goes to: the profile's own for the action, else the primary profile's, else nobody's.
local function owner_of(profile, account, action)
    for _, owner in ipairs({profile, account}) do
        if read_once('webhooks:' .. owner, action) then
            return owner
        end
    end
end

-- An account with more deliveries on their way than these uses the lane for bulk. On its way is what has been
-- due, or within 5 s of it, and has not ended: it has the field `rung`.
local MOST_IN_EXPRESS = 200

-- What this script has counted so far, by account: a step for many writes each count once, by `write_counts`.
local on_its_way = {}

local function counted(account)
    if not on_its_way[account] then
        local count = tonumber(redis.call('GET', 'onItsWay:' .. account) or 0)
        on_its_way[account] = {before = count, count = count}
    end
    return on_its_way[account]
end

local function count_on_its_way(account, change)
    counted(account).count = counted(account).count + change
end

local function write_counts()
    for account, counts in pairs(on_its_way) do
        if counts.count ~= counts.before and counts.count > 0 then
            redis.call('SET', 'onItsWay:' .. account, counts.count)
        elseif counts.count ~= counts.before then
            redis.call('DEL', 'onItsWay:' .. account)
        end
    end
end

local function lane_of(account)
    return counted(account).count > MOST_IN_EXPRESS and 'bulk' or 'express'
end

-- What tells a webhook from all others: whose it is, and for which action.
local function webhook_of(owner, action)
    return owner .. ' ' .. action
end

-- What was postponed waits in queues: `account:<refId>` if its account has too many under way; `host:<host> account:<refId>`
-- if its host has; `resources account:<refId>` if a worker had no open files, memory or ports left for it; and
-- `hanging:<host> webhook:<webhook>` if its receiver hangs. Returns that host and that webhook, or nil.
local function hanging_in(queue)
    return string.match(queue, '^hanging:(%S+) webhook:(.*)$')
end

-- Have a delivery wait in a queue until it is resumed.
local function queue_up(queue, hook_id, created)
    redis.call('ZADD', 'postponed:' .. queue, created, hook_id)
    redis.call('HSETNX', 'postponed', queue, 0)
end

-- A server that is full, cannot save, is a replica or is short of them refuses every write: no id is at fault.
local function is_refusal(failure)
    local code = string.match(failure, '^(%u+) ')
    return code and code ~= 'ERR' and code ~= 'WRONGTYPE'
end

-- Put an account into the line of those whose feeds are due. Its turn comes when the first of its feeds is, and in
-- the line it keeps its place; after its turn it is put behind all who wait, with the time of that turn.
local function line_up(account, served)
    local first = redis.call('ZRANGE', 'feedsDue:' .. account, 0, 0, 'WITHSCORES')[2]
    if not first then
        redis.call('ZREM', 'feedsDue', account)
        return
    end
    local place = tonumber(served or redis.call('ZSCORE', 'feedsDue', account) or 0)
    redis.call('ZADD', 'feedsDue', text(math.max(tonumber(first), math.min(place, now))), account)
end

-- Say when a feed of an account is due.
local function set_due(account, feed_id, due)
    redis.call('ZADD', 'feedsDue:' .. account, due, feed_id)
    line_up(account)
end

-- Change the settings of a feed; one that is '' stays as it is.
local function change_feed(feed, kind, hashtag, image)
    for name, value in pairs({type = kind, autoHashtag = hashtag, useFirstImage = image}) do
        if value ~= '' then
            redis.call('HSET', feed, name, value)
        end
    end
end

-- Forget a feed and all that was found in it; what its profile follows is another matter.
local function forget_feed(account, feed_id)
    redis.call('DEL', 'feed:' .. feed_id, 'feedItems:' .. feed_id)
    redis.call('ZREM', 'feedsDue:' .. account, feed_id)
    line_up(account)
end
