-- sweep_jobs: delete jobs that have been over for long, with their results, the first to end first.
-- ARGV: now, seconds after their end, most jobs to delete in this call
-- Returns: how many.
-- O(log n) a job; the runs that finished them forget them from the head of their lists on.

local ids = redis.call('ZRANGE', KEY.FINISHED_JOBS, '-inf', string.format('%.6f', now - ARGV[2]), 'BYSCORE',
  'LIMIT', 0, ARGV[3])
local finished_by = {}
for _, id in ipairs(ids) do
  local run = redis.call('HGET', job_key(id), 'run')
  if run and run ~= '' then finished_by[run] = (finished_by[run] or 0) + 1 end
end
delete_all(ids)
for run, count in pairs(finished_by) do
  local list = KEY.RUN .. run .. KEY.RUN_JOBS
  local heads = redis.call('LRANGE', list, 0, 2 * count + 9) -- also some that were deleted by hand
  local gone = 0
  while heads[gone + 1] and not is_there(heads[gone + 1]) do gone = gone + 1 end
  if gone > 0 then redis.call('LTRIM', list, gone, -1) end
end
return #ids
