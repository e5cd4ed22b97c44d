-- dump_results: read the results of the jobs of a block, as many as fit.
-- ARGV: now, most bytes, first id, last id
-- Returns: {the id to go on from, or 0 where the last is reached, then for each job with a result: id, assets, result}
--   Always at least one is read where there are any.
-- O(log n) a job, and the size of the results

local room, answer = tonumber(ARGV[2]), {0}
for _, id in ipairs(redis.call('ZRANGE', KEY.JOBS, ARGV[3], ARGV[4], 'BYSCORE')) do
  local size = redis.call('STRLEN', KEY.RESULT .. id)
  if size > room and #answer > 1 then
    answer[1] = tonumber(id)
    return answer
  end
  if size > 0 then
    local last = #answer
    answer[last + 1], answer[last + 2] = id, redis.call('HGET', job_key(id), 'assets')
    answer[last + 3] = redis.call('GET', KEY.RESULT .. id)
    room = room - size
  end
end
return answer
