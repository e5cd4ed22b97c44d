-- drop_push: remove a piece of what the push has written that was silent the longest; from then on it is given up.
-- ARGV: now, seconds of silence after which a push is given up, most records to delete in this call
-- Returns: 1 where there may be more to remove, else 0.
-- O(log n) a record.

local id = redis.call('ZRANGE', KEY.PUSHES, '-inf', string.format('%.6f', now - ARGV[2]), 'BYSCORE', 'LIMIT', 0, 1)[1]
if not id then return 0 end
local key = KEY.PUSH .. id
local owner, priorities, count = unpack(redis.call('HMGET', key, 'owner', 'priorities', 'count'))
local left = math.max(0, #priorities - tonumber(ARGV[3]))
local ids, records = {}, {}
for number = left, #priorities - 1 do
  ids[#ids + 1] = string.format('%d', id + number)
  records[#records + 1] = job_key(ids[#ids])
end
in_pieces(records, 'UNLINK')
in_pieces(ids, 'ZREM', KEY.JOBS)
in_pieces(ids, 'ZREM', KEY.JOBS_OF .. owner)
redis.call('HDEL', key, 'queue') -- so that it can be neither extended nor committed
redis.call('HSET', key, 'priorities', string.sub(priorities, 1, left))
if left == 0 then end_push(id, count) end
return 1
