-- An account with more owed deliveries than these uses the lane for bulk. Owed deliveries are counted from 5 s before
-- they are due until they end; such a delivery has the field `rung`.
local MAX_IN_EXPRESS = 200

-- The counts of this run, by account. A step for many deliveries writes each count once, in `write_counts`.
local owed = {}

local function owed_by(account)
    if not owed[account] then
        local count = tonumber(redis.call('GET', 'onItsWay:' .. account) or 0)
        owed[account] = {before = count, count = count}
    end
    return owed[account]
end

local function count_owed(account, change)
    owed_by(account).count = owed_by(account).count + change
end

local function write_counts()
    for account, counts in pairs(owed) do
        if counts.count ~= counts.before and counts.count > 0 then
            redis.call('SET', 'onItsWay:' .. account, counts.count)
        elseif counts.count ~= counts.before then
            redis.call('DEL', 'onItsWay:' .. account)
        end
    end
end

local function lane_of(account)
    return owed_by(account).count > MAX_IN_EXPRESS and 'bulk' or 'express'
end
