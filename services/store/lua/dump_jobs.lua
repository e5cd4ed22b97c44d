-- dump_jobs: read jobs, each with its score also where it waits and the score stands in its queue alone.
-- ARGV: now, job ids
-- Returns: for each id its fields and values in turn; an empty list where there is no such job.
-- O(log n) a job.

local answer = {}
for at = 2, #ARGV do
  local id = ARGV[at]
  local fields = redis.call('HGETALL', job_key(id))
  local place = redis.call('HMGET', job_key(id), 'status', 'queue')
  local score = place[1] == 'queued' and redis.call('ZSCORE', ready_key(place[2]), id)
  if score then
    fields[#fields + 1] = 'score'
    fields[#fields + 1] = score
  end
  answer[at - 1] = fields
end
return answer
