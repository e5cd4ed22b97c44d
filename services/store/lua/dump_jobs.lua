-- dump_jobs: read the jobs of a block, each with its score also where it waits and the score stands in its queue alone.
-- ARGV: now, first id, last id
-- Returns: for each job its id, then its fields and values in turn.
-- O(log n) a job.

local ids = redis.call('ZRANGE', KEY.JOBS, ARGV[2], ARGV[3], 'BYSCORE')
local answer = {}
for at, id in ipairs(ids) do
  local fields = redis.call('HGETALL', job_key(id))
  local status, index
  for place = 1, #fields, 2 do
    if fields[place] == 'status' then status = fields[place + 1] end
    if fields[place] == 'queue' then index = fields[place + 1] end
  end
  local score = status == 'queued' and redis.call('ZSCORE', ready_key(index), id)
  if score then
    fields[#fields + 1] = 'score'
    fields[#fields + 1] = score
  end
  answer[at * 2 - 1], answer[at * 2] = id, fields
end
return answer
