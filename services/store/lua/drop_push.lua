-- drop_push: remove a piece of what the push has written that was silent the longest; from then on it is given up.
-- ARGV: now, seconds of silence after which a push is given up, most records to delete in this call
-- Returns: 1 where there may be more to remove, else 0.
-- O(1) a record.

local id = redis.call('ZRANGE', KEY.PUSHES, '-inf', string.format('%.6f', now - ARGV[2]), 'BYSCORE', 'LIMIT', 0, 1)[1]
if not id then return 0 end
local key = KEY.PUSH .. id
local priorities = redis.call('HGET', key, 'priorities')
local left = math.max(0, #priorities - tonumber(ARGV[3]))
local records = {}
for number = left, #priorities - 1 do records[#records + 1] = job_key(string.format('%d', id + number)) end
in_pieces(records, 'UNLINK')
redis.call('HDEL', key, 'owner')
redis.call('HSET', key, 'priorities', string.sub(priorities, 1, left))
if left == 0 then
  redis.call('DEL', key)
  redis.call('ZREM', KEY.PUSHES, id)
end
return 1
