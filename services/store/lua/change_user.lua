-- change_user: set fields of a user, or delete it; one enabled admin always remains. Its tokens end on request.
-- ARGV: now, name, verb (set | delete), digest of the token that may stay ('' for none, '*' to leave all),
--   the password hash that was verified for this ('' where none was), then field, value, ... for set
-- Returns: OK
-- Errors: NOTFOUND no such user; CONFLICT it is the last enabled admin, or has another password than the verified one by now
-- O(users) where an admin is touched, else O(tokens of the user).

local name, verb, spared, verified = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local key = KEY.USER .. name
if redis.call('SISMEMBER', KEY.USERS, name) == 0 then return refuse('NOTFOUND', 'there is no user ' .. name) end
if verified ~= '' and redis.call('HGET', key, 'password_hash') ~= verified then
  return refuse('CONFLICT', 'the password of ' .. name .. ' was changed meanwhile')
end

local function enabled_admin(user)
  local fields = redis.call('HMGET', KEY.USER .. user, 'role', 'disabled')
  return fields[1] == 'admin' and fields[2] == '0'
end

local demoted = verb == 'delete'
for at = 6, #ARGV, 2 do
  if ARGV[at] == 'role' and ARGV[at + 1] ~= 'admin' then demoted = true end
  if ARGV[at] == 'disabled' and ARGV[at + 1] ~= '0' then demoted = true end
end
if demoted and enabled_admin(name) then
  local others = 0
  for _, user in ipairs(redis.call('SMEMBERS', KEY.USERS)) do
    if user ~= name and enabled_admin(user) then others = others + 1 end
  end
  if others == 0 then return refuse('CONFLICT', name .. ' is the last admin; make another one first') end
end

if verb == 'delete' then
  redis.call('SREM', KEY.USERS, name)
  redis.call('DEL', key)
elseif #ARGV > 5 then
  redis.call('HSET', key, unpack(ARGV, 6))
end
if spared ~= '*' then
  for _, digest in ipairs(redis.call('SMEMBERS', KEY.TOKENS .. name)) do
    if digest ~= spared then
      redis.call('DEL', KEY.TOKEN .. digest)
      redis.call('SREM', KEY.TOKENS .. name, digest)
    end
  end
end
return redis.status_reply('OK')
