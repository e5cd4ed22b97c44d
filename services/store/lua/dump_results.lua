-- dump_results: read the results of jobs, as many as fit.
-- ARGV: now, most bytes, then job ids
-- Returns: {how many of the ids were looked at, then for each of those with a result: id, assets, packed result}
--   Always at least one is looked at.
-- O(size)

local room, answer = tonumber(ARGV[2]), {0}
for at = 3, #ARGV do
  local id = ARGV[at]
  local size = redis.call('STRLEN', KEY.RESULT .. id)
  if size > room and #answer > 1 then return answer end
  local assets = size > 0 and redis.call('HGET', job_key(id), 'assets')
  if assets then
    local last = #answer
    answer[last + 1], answer[last + 2], answer[last + 3] = id, assets, redis.call('GET', KEY.RESULT .. id)
    room = room - size
  end
  answer[1] = at - 2
end
return answer
