-- transition: give jobs a status by hand, all or none; a lease on them is void.
-- A queued job is back in its own place, after a failure with fresh attempts; with any other status a job leaves its queue.
-- ARGV: now, status, reason, owner whose jobs they must be ('' for anybody's), statuses it may follow ('a,b,'),
--   then ids, each once
-- Errors: NOTFOUND a job; CONFLICT a job whose status the new one may not follow, or that has no place to go back to
-- O(log n) a job.

local status, reason, owner, allowed = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local jobs = {}
for at = 6, #ARGV do
  local job = redis.call('HMGET', job_key(ARGV[at]), 'owner', 'status', 'queue')
  local gone = job[3] and job[3] ~= '' and job[2] ~= 'done' and not queue_exists(job[3])
  if not job[1] or gone or (owner ~= '' and job[1] ~= owner) or not is_there(ARGV[at]) then
    return refuse('NOTFOUND', 'there is no job ' .. ARGV[at])
  end
  if not string.find(allowed, job[2] .. ',', 1, true) then
    return refuse('CONFLICT', 'job ' .. ARGV[at] .. ' is ' .. job[2] .. ' and cannot become ' .. status)
  end
  if status == 'queued' and job[3] == '' then
    return refuse('CONFLICT', 'job ' .. ARGV[at] .. ' is in no queue; put it into one')
  end
  jobs[at] = job
end

for at = 6, #ARGV do
  local id, job = ARGV[at], jobs[at]
  if status ~= 'queued' then
    detach(id)
    redis.call('HSET', job_key(id), 'status', status, 'queue', '', 'lease', '', 'reason', reason, 'updated', stamp)
    if status ~= 'in progress' then redis.call('ZADD', KEY.FINISHED_JOBS, stamp, id) end
  elseif job[2] == 'failed' then
    revive(job[3], {id}, reason)
  else
    put_back(job[3], {id}, reason)
  end
end
