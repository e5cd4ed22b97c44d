-- create_user: add a user, or the first one.
-- ARGV: now, name, role, password hash, 'first' (only while there is no user) or ''
-- Returns: 1, or 0 where 'first' found users.
-- Errors: CONFLICT the name is taken, or jobs or datasets of a former user of that name exist
-- O(datasets)

local name = ARGV[2]
if ARGV[5] == 'first' and redis.call('SCARD', KEY.USERS) > 0 then return 0 end
if redis.call('SISMEMBER', KEY.USERS, name) == 1 then return refuse('CONFLICT', 'there is a user ' .. name) end
if redis.call('ZCARD', KEY.JOBS_OF .. name) > 0 then
  return refuse('CONFLICT', 'jobs of a former user ' .. name .. ' exist, and the new one would own them; delete them first')
end
for _, dataset in ipairs(redis.call('SMEMBERS', KEY.DATASETS)) do
  if redis.call('HGET', KEY.DATASET .. dataset, 'owner') == name then
    return refuse('CONFLICT', 'dataset ' .. dataset .. ' of a former user ' .. name
      .. ' exists, and the new one would own it; delete it first')
  end
end
redis.call('SADD', KEY.USERS, name)
redis.call('HSET', KEY.USER .. name, 'role', ARGV[3], 'password_hash', ARGV[4], 'created', stamp, 'disabled', 0)
return 1
