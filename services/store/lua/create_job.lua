-- create_job: store a job that is in no queue: in progress, for its creator to calculate at once.
-- ARGV: now, owner, dataset, assets, how many assets, model, horizon, priority,
--   seconds after which nobody calculates it any more (fail_lost)
-- Returns: its id.
-- O(log n)

local owner = ARGV[2]
local id = redis.call('INCR', KEY.JOB_SEQUENCE)
redis.call('HSET', job_key(id),
  'owner', owner, 'dataset', ARGV[3], 'assets', ARGV[4], 'size', ARGV[5], 'model', ARGV[6], 'horizon', ARGV[7],
  'priority', ARGV[8], 'status', 'in progress', 'queue', '', 'attempts', 0, 'created', stamp, 'updated', stamp)
redis.call('ZADD', KEY.JOBS, id, id)
note(id)
redis.call('ZADD', KEY.JOBS_OF .. owner, id, id)
redis.call('ZADD', KEY.AT_ONCE, string.format('%.6f', now + ARGV[9]), id)
return id
