-- transition: give jobs a status by hand, all or none; they leave their queue, and a lease on them is void.
-- ARGV: now, status, reason, owner whose jobs they must be ('' for anybody's), statuses it may follow ('a,b,'), then ids
-- Returns: how many.
-- Errors: NOTFOUND a job; CONFLICT a job whose status the new one may not follow
-- O(log n) a job.

local status, reason, owner, allowed = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
for at = 6, #ARGV do
  local job = redis.call('HMGET', job_key(ARGV[at]), 'owner', 'status')
  if not job[1] or (owner ~= '' and job[1] ~= owner) then
    return refuse('NOTFOUND', 'there is no job ' .. ARGV[at])
  end
  if not string.find(allowed, job[2] .. ',', 1, true) then
    return refuse('CONFLICT', 'job ' .. ARGV[at] .. ' is ' .. job[2] .. ' and cannot become ' .. status)
  end
end

for at = 6, #ARGV do
  local id = ARGV[at]
  detach(id)
  redis.call('HSET', job_key(id), 'status', status, 'queue', '', 'reason', reason, 'updated', stamp)
  redis.call('HDEL', job_key(id), 'lease')
end
return #ARGV - 5
