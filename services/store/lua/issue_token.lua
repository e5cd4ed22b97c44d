-- issue_token: store a new token of a user, and forget the expired ones; one too many ends the one not used for longest.
-- ARGV: now, user, digest of the token, seconds to live, the password hash that was verified, most tokens of a user
-- Returns: 1, or 0 where the user is gone, is disabled or has another password by now.
-- O(tokens of the user)

local user, digest, seconds = ARGV[2], ARGV[3], ARGV[4]
local index = KEY.TOKENS .. user
local known = redis.call('HMGET', KEY.USER .. user, 'password_hash', 'disabled')
if known[1] ~= ARGV[5] or known[2] ~= '0' then return 0 end
local used = {}
for _, other in ipairs(redis.call('SMEMBERS', index)) do
  local last = redis.call('HGET', KEY.TOKEN .. other, 'last_used')
  if last then used[#used + 1] = {tonumber(last), other} else redis.call('SREM', index, other) end
end
table.sort(used, function(one, two) return one[1] < two[1] end)
for at = 1, #used - tonumber(ARGV[6]) + 1 do
  redis.call('DEL', KEY.TOKEN .. used[at][2])
  redis.call('SREM', index, used[at][2])
end
redis.call('HSET', KEY.TOKEN .. digest, 'user', user, 'issued', stamp, 'last_used', stamp)
redis.call('EXPIRE', KEY.TOKEN .. digest, seconds)
redis.call('SADD', index, digest)
-- Never shorter than a token's life: a token that is not listed could not be ended. GT alone takes no time to live for endless.
redis.call('EXPIRE', index, seconds, 'NX')
redis.call('EXPIRE', index, seconds, 'GT')
return 1
