-- renew: prolong a lease, also one that ran out while nobody took its jobs.
-- ARGV: now, queue, lease id, lease seconds, then job ids
-- Returns: the ids that the lease no longer holds (expired and returned, cancelled or deleted, alone or with the queue).
-- O(log n) a job.

local index, lease = ARGV[2], ARGV[3]
local deadline = string.format('%.6f', now + tonumber(ARGV[4]))
local exists, held, lost = queue_exists(index), {}, {}
for at = 5, #ARGV do
  if exists and redis.call('HGET', job_key(ARGV[at]), 'lease') == lease then
    held[#held + 1] = deadline
    held[#held + 1] = ARGV[at]
  else
    lost[#lost + 1] = ARGV[at]
  end
end
in_pieces(held, 'ZADD', leased_key(index))
return lost
