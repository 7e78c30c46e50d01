-- uses: clock, records, webhooks, lanes
-- Record attempts that have ended. A claim whose lease has passed to another worker changes nothing.
--
-- ARGV: time, wake-up slack, lifetime of an ended delivery in seconds, then the records `entry`: `delay` is '' when the
--   delivery has ended; `written` is then the whole delivery, packed, else the attempt's log line, '' without a call
-- Returns for each {1, lane}, or {0, ''} when there is another claim by now. The token stays, so that a caller that asks
--   again, because the first answer did not reach it, gets 1 again.
local slack, lifetime = tonumber(ARGV[2]), ARGV[3]

-- The first write must need no memory: a full server refuses others, but not to a script that has begun to write. So
-- the outcome of a call is recorded even then.
local function set_due_again(entry, key)
    redis.call('HDEL', key, 'leasedAt', 'resumedFrom')
    if entry.written ~= '' then
        redis.call('HINCRBY', key, 'made', 1)
        redis.call('HSET', key, 'log', (redis.call('HGET', key, 'log') or '') .. entry.written .. '\n')
    end
    local due = now + tonumber(entry.delay)
    redis.call('HSET', key, 'state', entry.state, 'due', text(due))
    redis.call('ZADD', 'alarms', text(due + slack), entry.hook_id)
end

-- A webhook whose receiver answers is not unresponsive, whatever a worker reports that cannot reach its host. For so
-- many milliseconds no such report counts.
local answers_for = 3000
local is_any_unresponsive = redis.call('EXISTS', 'hanging') == 1

local function note_answer(key)
    local webhook = webhook_of(unpack(redis.call('HMGET', key, 'owner', 'action')))
    if redis.call('HDEL', 'hanging', webhook) == 1 then
        redis.call('SET', 'answers:' .. webhook, text(now + answers_for), 'PX', answers_for)
    end
end

local function end_packed(entry, key)
    redis.call('ZREM', 'alarms', entry.hook_id)
    redis.call('DEL', key)
    redis.call('SET', 'ended:' .. entry.hook_id, entry.token .. entry.written, 'EX', lifetime)
end

-- The token of the claim that recorded the end: it stands before the packed delivery.
local function holder_of_ended(hook_id, length)
    return redis.call('GETRANGE', 'ended:' .. hook_id, 0, length - 1)
end

local function record(entry)
    local key = 'delivery:' .. entry.hook_id
    local holder, leased_at, rung = unpack(redis.call('HMGET', key, 'token', 'leasedAt', 'rung'))
    if holder == entry.token and leased_at and entry.delay ~= '' then
        set_due_again(entry, key)
    elseif holder == entry.token and leased_at then
        if is_any_unresponsive and entry.state == 'delivered' then
            note_answer(key)
        end
        end_packed(entry, key)
        if rung then
            count_owed(entry.account, -1)
        end
    elseif not holder then
        holder = holder_of_ended(entry.hook_id, #entry.token)
    end
    return holder == entry.token and {1, lane_of(entry.account)} or {0, ''}
end

-- One that cannot be read makes the whole step fail, and the caller records the others by themselves. What was
-- recorded before stays, so it must be counted.
local answers, failure = {}, nil
for _, entry in ipairs(records_from(4, entry_fields)) do
    local done, answer = pcall(record, entry)
    if not done then
        failure = answer
        break
    end
    answers[#answers + 1] = answer
end

write_counts()
return failure and redis.error_reply(tostring(failure)) or answers
