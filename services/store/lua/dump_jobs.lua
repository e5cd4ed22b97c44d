-- dump_jobs: read the jobs of a block, without those of unfinished pushes; where one waits and its score stands in its queue
--   alone, with the score.
-- ARGV: now, first id, last id
-- Returns: for each job its id, then its fields and values in turn.
-- O(log n) a job.

local ids = redis.call('ZRANGE', KEY.JOBS, ARGV[2], ARGV[3], 'BYSCORE')
local unfinished = redis.call('ZCARD', KEY.PUSHED) > 0
local answer = {}
for _, id in ipairs(ids) do
  local fields = unfinished and push_of(id) and {} or redis.call('HGETALL', job_key(id))
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
  if #fields > 0 then
    answer[#answer + 1] = id
    answer[#answer + 1] = fields
  end
end
return answer
