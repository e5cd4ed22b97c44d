-- put_dataset: store a dataset, as a new one or as the next version.
-- ARGV: now, name, owner, 'all' where others' may be replaced or '', most datasets and most bytes of an owner, the key
-- of the values and how many bytes they are, the series' names in JSON, then field, value, ...
-- Returns: its version, which no dataset had before, so that a result's version means one panel only.
-- Errors: CONFLICT somebody else's; QUOTA its owner would have too many, or too much; AWAY the values are not all there
-- O(datasets + size of the names)

local name, owner = ARGV[2], ARGV[3]
local key = KEY.DATASET .. name
local present = redis.call('HGET', key, 'owner')
if present and present ~= owner and ARGV[4] ~= 'all' then
  return refuse('CONFLICT', 'dataset ' .. name .. ' belongs to somebody else; choose another name')
end
owner = present or owner
local size, names = redis.call('STRLEN', ARGV[7]), ARGV[9]
if size ~= tonumber(ARGV[8]) then
  return refuse('AWAY', 'the values of dataset ' .. name .. ' were not all there in time; try again')
end
local count, bytes = 1, size + #names
for _, other in ipairs(redis.call('SMEMBERS', KEY.DATASETS)) do
  local record = KEY.DATASET .. other
  if other ~= name and redis.call('HGET', record, 'owner') == owner then
    count = count + 1
    bytes = bytes + redis.call('STRLEN', record .. KEY.VALUES) + redis.call('HSTRLEN', record, 'assets')
  end
end
if count > tonumber(ARGV[5]) then
  return refuse('QUOTA', owner .. ' has ' .. count - 1 .. ' datasets, the most of one user; delete one first')
end
if bytes > tonumber(ARGV[6]) then
  return refuse('QUOTA', string.format("with this, %s's datasets would take %.4g MiB; %.4g MiB are the most of one user; "
    .. 'delete one first', owner, bytes / 1048576, tonumber(ARGV[6]) / 1048576))
end
-- Jobs that wait name assets by their places: those of a longer list that begins in the same way are still right.
-- What a deleted dataset of that name had in them nobody knows.
local before = redis.call('HGET', key, 'assets')
local same = before and string.sub(names, 1, #before - 1) == string.sub(before, 1, -2)
redis.call('SADD', KEY.DATASETS, name)
local version = redis.call('INCR', KEY.DATASET_SEQUENCE)
redis.call('HSET', key, 'owner', owner, 'created', stamp, 'version', version, 'assets', names, unpack(ARGV, 10))
if not same then redis.call('HSET', key, 'renamed', stamp, 'renamed_version', version) end
redis.call('RENAME', ARGV[7], key .. KEY.VALUES)
redis.call('PERSIST', key .. KEY.VALUES)
return version
