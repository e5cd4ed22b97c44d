-- put_dataset: store a dataset, as a new one or as the next version.
-- ARGV: now, name, owner, 'all' where others' may be replaced or '', the values, then field, value, ...
-- Returns: its version; a name's versions go on after a deletion, so that a result's version means one panel only.
-- Errors: CONFLICT somebody else's
-- O(size)

local name, owner = ARGV[2], ARGV[3]
local key = KEY.DATASET .. name
local present = redis.call('HGET', key, 'owner')
if present and present ~= owner and ARGV[4] ~= 'all' then
  return refuse('CONFLICT', 'dataset ' .. name .. ' belongs to somebody else; choose another name')
end
redis.call('SADD', KEY.DATASETS, name)
local version = redis.call('HINCRBY', KEY.DATASET_VERSIONS, name, 1)
redis.call('HSET', key, 'owner', present or owner, 'created', stamp, 'version', version, unpack(ARGV, 6))
redis.call('SET', key .. KEY.VALUES, ARGV[5])
return version
