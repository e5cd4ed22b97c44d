-- fail_login: count a wrong password; after the free ones the wait doubles up to the longest.
-- ARGV: now, who (user:NAME | client:ADDRESS), free failures, longest wait in seconds
-- O(1)

local key, free, longest = KEY.LOGIN_FAILURES .. ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local count = redis.call('HINCRBY', key, 'count', 1)
local wait = 0
if count > free then wait = math.min(2 ^ (count - free - 1), longest) end
redis.call('HSET', key, 'until', string.format('%.6f', now + wait))
redis.call('EXPIRE', key, longest * 4)
