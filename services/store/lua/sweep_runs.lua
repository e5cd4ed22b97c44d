-- sweep_runs: delete the records of runs that ended long ago, the first to end first; their jobs have a time of their own.
-- ARGV: now, seconds after their end, most runs to delete in this call
-- Returns: how many.
-- O(log n) a run.

local ids = redis.call('ZRANGE', KEY.FINISHED_RUNS, '-inf', string.format('%.6f', now - ARGV[2]), 'BYSCORE',
  'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  redis.call('UNLINK', KEY.RUN .. id, KEY.RUN .. id .. KEY.RUN_JOBS)
  redis.call('ZREM', KEY.RUNS, id)
  redis.call('ZREM', KEY.FINISHED_RUNS, id)
end
return #ids
