-- sweep_dead: delete the dead letters of a queue that died long ago, the first to die first.
-- ARGV: now, queue, seconds after their death, most jobs to delete in this call
-- Returns: how many.
-- Errors: NOTFOUND no such queue
-- O(log n) a job.

local index = ARGV[2]
if not queue_exists(index) then return no_queue(index) end
local ids = redis.call('ZRANGE', dead_key(index), '-inf', string.format('%.6f', now - ARGV[3]), 'BYSCORE',
  'LIMIT', 0, ARGV[4])
delete_all(ids)
return #ids
