-- create_job: store a job that is in no queue: in progress, for its creator to calculate at once.
-- ARGV: now, owner, seconds after which nobody calculates it any more (fail_lost), dataset, assets, how many assets, model,
--   horizon, priority
-- Returns: its id.
-- O(log n)

local id = redis.call('INCR', KEY.JOB_SEQUENCE)
write_jobs('', ARGV[2], id, 4)
note(id)
redis.call('ZADD', KEY.AT_ONCE, string.format('%.6f', now + ARGV[3]), id)
return id
