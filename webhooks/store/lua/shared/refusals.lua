-- Whether the server refuses every write: it is full, cannot save, is a replica, or has too few replicas. Then no
-- delivery is at fault.
local function is_refusal(failure)
    local code = string.match(failure, '^(%u+) ')
    return code and code ~= 'ERR' and code ~= 'WRONGTYPE'
end
