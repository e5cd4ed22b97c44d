-- redrive: put dead-lettered jobs back to their own places, with fresh attempts.
-- ARGV: now, queue, most jobs
-- Returns: how many.
-- Errors: NOTFOUND no such queue
-- O(log n) a job.

local index = ARGV[2]
if not queue_exists(index) then return no_queue(index) end
local ids = redis.call('ZRANGE', dead_key(index), 0, tonumber(ARGV[3]) - 1)
for _, id in ipairs(ids) do
  redis.call('ZREM', dead_key(index), id)
  redis.call('HSET', job_key(id), 'attempts', 0)
  put_back(index, id, '')
end
return #ids
