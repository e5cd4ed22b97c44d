-- fail_lost: fail jobs whose calculation at once should be over by now, because the service that began it was killed.
-- ARGV: now, reason, most jobs to look at
-- Returns: how many were looked at; some of them may have ended otherwise.
-- O(log n) a job.

local ids = redis.call('ZRANGE', KEY.AT_ONCE, '-inf', stamp, 'BYSCORE', 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  local job = redis.call('HMGET', job_key(id), 'status', 'queue')
  if job[1] == 'in progress' and job[2] == '' then
    note(id)
    redis.call('HSET', job_key(id), 'status', 'failed', 'reason', ARGV[2], 'updated', stamp)
    redis.call('ZADD', KEY.FINISHED_JOBS, stamp, id)
  end
end
in_pieces(ids, 'ZREM', KEY.AT_ONCE)
return #ids
