-- authenticate: whom does a token speak for, by the user's record of this moment? Prolongs a token in use.
-- ARGV: now, digest of the token, seconds to live without use, most seconds to live in all
-- Returns: {user, role}, or nothing where the token or its user is gone or disabled.
-- O(1); writes for a token once a minute, or once in a hundredth of its life where that is shorter.

local key = KEY.TOKEN .. ARGV[2]
local token = redis.call('HMGET', key, 'user', 'last_used', 'issued')
if not token[1] then return false end
local user = redis.call('HMGET', KEY.USER .. token[1], 'role', 'disabled')
if not user[1] or user[2] ~= '0' then return false end
if now - tonumber(token[2]) > math.min(60, tonumber(ARGV[3]) / 100) then
  local left = math.floor(math.min(tonumber(ARGV[3]), tonumber(token[3]) + tonumber(ARGV[4]) - now))
  if left <= 0 then
    redis.call('DEL', key)
    redis.call('SREM', KEY.TOKENS .. token[1], ARGV[2])
    return false
  end
  -- pcall: a store that is full takes no writes, and people may still read and delete.
  redis.pcall('HSET', key, 'last_used', stamp)
  redis.pcall('EXPIRE', key, left)
  redis.pcall('EXPIRE', KEY.TOKENS .. token[1], ARGV[3], 'GT')
end
return {token[1], user[1]}
