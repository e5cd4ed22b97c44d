-- list_jobs: find the newest jobs, of one owner or of all, without those of unfinished pushes.
-- ARGV: now, owner ('' for all), where to begin: '+inf' or '(' and an id, most jobs
-- Returns: their ids, newest first.
-- O(log n) a job; a push is passed over in one step.

local index = ARGV[2] == '' and KEY.JOBS or KEY.JOBS_OF .. ARGV[2]
local from, most, ids = ARGV[3], tonumber(ARGV[4]), {}
while #ids < most do
  local page = redis.call('ZRANGE', index, from, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, most - #ids)
  if #page == 0 then break end
  for _, id in ipairs(page) do
    local push = push_of(id)
    from = '(' .. (push or id)
    if push then break end
    ids[#ids + 1] = id
  end
end
return ids
