-- renew: prolong a lease.
-- ARGV: now, queue, lease id, lease seconds, then job ids
-- Returns: the ids that the lease no longer holds (expired and handed on, cancelled or deleted).
-- O(log n) a job.

local index, lease = ARGV[2], ARGV[3]
local deadline = string.format('%.6f', now + tonumber(ARGV[4]))
local held, lost = {}, {}
for at = 5, #ARGV do
  if redis.call('HGET', job_key(ARGV[at]), 'lease') == lease then
    held[#held + 1], held[#held + 2] = deadline, ARGV[at]
  else
    lost[#lost + 1] = ARGV[at]
  end
end
add_all(leased_key(index), held)
return lost
