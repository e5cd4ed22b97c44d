-- release: give claimed jobs back at once, to their own places, without counting the attempt.
-- ARGV: now, queue, lease id, reason, then job ids
-- Returns: how many were given back; the lease no longer held the others. Of a deleted queue, it holds none.
-- O(log n) a job.

local index, lease = ARGV[2], ARGV[3]
if not queue_exists(index) then return 0 end
local held = {}
for at = 5, #ARGV do
  local id = ARGV[at]
  if redis.call('HGET', job_key(id), 'lease') == lease then
    redis.call('HINCRBY', job_key(id), 'attempts', -1)
    redis.call('HSET', job_key(id), 'lease', '') -- so that an id named twice is given back once
    held[#held + 1] = id
  end
end
put_back(index, held, ARGV[4])
return #held
