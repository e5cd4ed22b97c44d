-- release: give claimed jobs back at once, to their own places, without counting the attempt.
-- ARGV: now, queue, lease id, reason, then job ids
-- Returns: how many were given back; the lease no longer held the others.
-- O(log n) a job.

local index, lease, reason = ARGV[2], ARGV[3], ARGV[4]
local released = 0
for at = 5, #ARGV do
  local id = ARGV[at]
  if redis.call('HGET', job_key(id), 'lease') == lease then
    redis.call('HINCRBY', job_key(id), 'attempts', -1)
    put_back(index, id, reason)
    released = released + 1
  end
end
return released
