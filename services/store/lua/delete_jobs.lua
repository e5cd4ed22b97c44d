-- delete_jobs: delete jobs with their results, all or none; a lease on them is void.
-- ARGV: now, owner whose jobs they must be ('' for anybody's), then ids, each once
-- Errors: NOTFOUND a job
-- O(log n) a job.

local owner, ids = ARGV[2], {}
for at = 3, #ARGV do
  local of = redis.call('HGET', job_key(ARGV[at]), 'owner')
  if not of or (owner ~= '' and of ~= owner) or not is_there(ARGV[at]) then return refuse('NOTFOUND', 'there is no job ' .. ARGV[at]) end
  ids[#ids + 1] = ARGV[at]
end
delete_all(ids)
