-- uses: cache
-- What an account pays for now: its plan, and its add-ons as JSON; '' each when there is no such account.
local function subscription_of(account)
    local key = 'account:' .. account
    return read_once(key, 'plan') or '', read_once(key, 'addOns') or ''
end

local function contains(list, name)
    return string.find(list, '"' .. name .. '"', 1, true)
end

-- Whether an account pays for one of these plans, as JSON, and for an add-on unless that is ''.
local function is_entitled(account, plans, add_on)
    local plan, add_ons = subscription_of(account)
    return contains(plans, plan) and (add_on == '' or contains(add_ons, add_on))
end
