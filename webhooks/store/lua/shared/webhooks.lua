-- uses: cache
-- The profile whose webhook an event goes to: the profile itself, else the primary profile; nil if neither has one.
local function owner_of(profile, account, action)
    for _, owner in ipairs({profile, account}) do
        if read_once('webhooks:' .. owner, action) then
            return owner
        end
    end
end

-- The name of a webhook: its owner and its action.
local function webhook_of(owner, action)
    return owner .. ' ' .. action
end
