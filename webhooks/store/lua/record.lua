-- Write down attempts that have ended. A claim whose lease has passed to another worker changes nothing.
--
-- ARGV: time, grace, lifetime of an ended delivery in seconds, then 6 values for each:
--   hookId, token, account, state, delay or '' if it has ended, what is written: all of it, packed, if it has ended;
--   else the attempt's log line, or '' without a call
-- Returns for each {1, lane}, or {0, ''} when there is another claim by now. The token stays, so that whoever asks once more,
--   because the first answer did not reach it, is told 1 again.
local grace, lifetime = tonumber(ARGV[2]), ARGV[3]
local answers = {}

-- The first write must need no memory: a full server refuses others, but not to a script that has begun to write.
-- So what came of a call is recorded even then.
local function set_due_again(hook_id, key, state, delay, line)
    redis.call('HDEL', key, 'leasedAt', 'resumedFrom')
    if line ~= '' then
        redis.call('HINCRBY', key, 'made', 1)
        redis.call('HSET', key, 'log', (redis.call('HGET', key, 'log') or '') .. line .. '\n')
    end
    local due = now + tonumber(delay)
    redis.call('HSET', key, 'state', state, 'due', text(due))
    redis.call('ZADD', 'alarms', text(due + grace), hook_id)
end

-- A webhook that is answered does not hang, whatever a worker says that cannot reach its host; for so many milliseconds
-- no worker is believed.
local answers_for = 3000
local does_any_hang = redis.call('EXISTS', 'hanging') == 1

local function note_answer(key)
    local webhook = webhook_of(unpack(redis.call('HMGET', key, 'owner', 'action')))
    if redis.call('HDEL', 'hanging', webhook) == 1 then
        redis.call('SET', 'answers:' .. webhook, text(now + answers_for), 'PX', answers_for)
    end
end

local function end_packed(hook_id, key, token, packed)
    redis.call('ZREM', 'alarms', hook_id)
    redis.call('DEL', key)
    redis.call('SET', 'ended:' .. hook_id, token .. packed, 'EX', lifetime)
end

-- Who recorded the end: the token that stands before what is packed.
local function holder_of_ended(hook_id, length)
    return redis.call('GETRANGE', 'ended:' .. hook_id, 0, length - 1)
end

local function record(hook_id, token, account, state, delay, written)
    local key = 'delivery:' .. hook_id
    local holder, leased_at, rung = unpack(redis.call('HMGET', key, 'token', 'leasedAt', 'rung'))
    if holder == token and leased_at and delay ~= '' then
        set_due_again(hook_id, key, state, delay, written)
    elseif holder == token and leased_at then
        if does_any_hang and state == 'delivered' then
            note_answer(key)
        end
        end_packed(hook_id, key, token, written)
        if rung then
            count_on_its_way(account, -1)
        end
    elseif not holder then
        holder = holder_of_ended(hook_id, #token)
    end
    return holder == token and {1, lane_of(account)} or {0, ''}
end

-- One that cannot be read makes the whole step fail, for the caller to record the others by themselves; what was
-- recorded before stays, so it must be counted.
local failure
for i = 4, #ARGV, 6 do
    local done, answer = pcall(record, unpack(ARGV, i, i + 5))
    if not done then
        failure = answer
        break
    end
    answers[#answers + 1] = answer
end

write_counts()
return failure and redis.error_reply(tostring(failure)) or answers
