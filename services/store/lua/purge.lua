-- purge: delete jobs that wait in a queue, the first ones first.
-- ARGV: now, queue, most jobs, the last job id that may go (so that jobs pushed during a long purge stay)
-- Returns: how many; fewer than asked for when none is left.
-- Errors: NOTFOUND no such queue
-- O(log n) a job.

local index, last = ARGV[2], tonumber(ARGV[4])
if not queue_exists(index) then return no_queue(index) end
local deleted = 0
for _, id in ipairs(redis.call('ZRANGE', ready_key(index), 0, tonumber(ARGV[3]) - 1)) do
  if tonumber(id) <= last then
    delete_job(id)
    deleted = deleted + 1
  end
end
return deleted
