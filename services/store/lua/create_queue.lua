-- create_queue: append a queue; its index was never used before.
-- ARGV: now, name ('' for queue-<index>), most attempts
-- Returns: its index.
-- Errors: CONFLICT the name is taken
-- O(log n)

local name = ARGV[2]
if name ~= '' then
  local taken = redis.call('HGET', KEY.QUEUE_NAMES, name)
  if taken then return refuse('CONFLICT', 'queue ' .. taken .. ' has the name ' .. name) end
end
local index = redis.call('INCR', KEY.QUEUE_SEQUENCE)
if name == '' then
  name = 'queue-' .. index
  while redis.call('HEXISTS', KEY.QUEUE_NAMES, name) == 1 do name = name .. 'x' end
end
redis.call('HSET', KEY.QUEUE_NAMES, name, index)
redis.call('ZADD', KEY.QUEUES, index, index)
redis.call('HSET', queue_key(index), 'name', name, 'state', 'open', 'created', stamp, 'max_attempts', ARGV[3])
return index
