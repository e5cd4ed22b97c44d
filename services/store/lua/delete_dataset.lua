-- delete_dataset: delete a dataset; jobs that still need it will fail and say so.
-- ARGV: now, name, owner whose it must be ('' for anybody's)
-- Returns: OK
-- Errors: NOTFOUND no such dataset; CONFLICT somebody else's
-- O(size)

local name, owner = ARGV[2], ARGV[3]
local present = redis.call('HGET', KEY.DATASET .. name, 'owner')
if not present then return refuse('NOTFOUND', 'there is no dataset ' .. name) end
if owner ~= '' and present ~= owner then return refuse('CONFLICT', 'dataset ' .. name .. ' belongs to somebody else') end
redis.call('SREM', KEY.DATASETS, name)
redis.call('UNLINK', KEY.DATASET .. name, KEY.DATASET .. name .. KEY.VALUES)
return redis.status_reply('OK')
