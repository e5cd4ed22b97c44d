-- succeed_login: forget a user's wrong passwords after a right one, in its address's count too; others' stay in it.
-- ARGV: now, the user (user:NAME@ADDRESS), its address (client:ADDRESS)
-- O(1)

local user, client = KEY.LOGIN_FAILURES .. ARGV[2], KEY.LOGIN_FAILURES .. ARGV[3]
local own = tonumber(redis.call('HGET', user, 'count') or 0)
if own == 0 then return end
redis.call('DEL', user)
if redis.call('HINCRBY', client, 'count', -own) <= 0 then redis.call('DEL', client) end
