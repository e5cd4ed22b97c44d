-- redrive: put dead-lettered jobs back to their own places, with fresh attempts, the first to die first.
-- ARGV: now, queue, most jobs
-- Returns: how many.
-- Errors: NOTFOUND no such queue
-- O(log n) a job.

local index = ARGV[2]
if not queue_exists(index) then return no_queue(index) end
local ids = redis.call('ZRANGE', dead_key(index), '-inf', '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[3])
revive(index, ids, '')
return #ids
