-- uses: clock
-- Take calls out of buckets, each unless its bucket is empty. A bucket that is full again is not stored for long.
--
-- ARGV: time, then for each call its bucket, how many calls that holds, milliseconds in which it fills up when it is empty
-- Returns for each {1 if it was taken else 0, how many are left, milliseconds until it is full, until one can be taken}
-- It is stored for longer than it counts: keys expire by the wall clock, and tests have a clock of their own.
local expiry_margin = 60000

-- What is missing is counted in parts of a call, so that all numbers are whole: a call has `period` parts, and each
-- millisecond brings `size` of them back.
local function missing_now(bucket, size, period)
    local missing, at = unpack(redis.call('HMGET', bucket, 'missing', 'at'))
    if not missing then
        return 0
    end
    -- A clock that was set back counts as time that has passed too. After a higher limit no more than all can be
    -- missing.
    local back = math.abs(now - tonumber(at)) * size
    return math.max(0, math.min(tonumber(missing), size * period) - back)
end

local function take(bucket, size, period)
    local missing = missing_now(bucket, size, period)
    local lacking = missing + period - size * period
    local taken = lacking <= 0
    if taken then
        missing = missing + period
        redis.call('HSET', bucket, 'missing', text(missing), 'at', text(now))
        redis.call('PEXPIRE', bucket, math.ceil(missing / size) + expiry_margin)
    end
    return {taken and 1 or 0, size - math.ceil(missing / period), math.ceil(missing / size),
        math.ceil(math.max(0, lacking) / size)}
end

local answers = {}
for index = 2, #ARGV, 3 do
    table.insert(answers, take(ARGV[index], tonumber(ARGV[index + 1]), tonumber(ARGV[index + 2])))
end
return answers
