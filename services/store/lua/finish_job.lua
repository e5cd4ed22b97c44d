-- finish_job: store the result of a job that is in no queue and make it done.
-- ARGV: now, id, packed result
-- Returns: OK
-- Errors: NOTFOUND deleted meanwhile; CONFLICT no longer in progress outside a queue
-- O(log n)

local id = ARGV[2]
local job = redis.call('HMGET', job_key(id), 'status', 'queue')
if not job[1] or not is_there(id) then return refuse('NOTFOUND', 'there is no job ' .. id) end
if job[1] ~= 'in progress' or job[2] ~= '' then
  return refuse('CONFLICT', 'job ' .. id .. ' is ' .. job[1] .. ' by now; its forecast was not stored')
end
redis.call('SET', KEY.RESULT .. id, ARGV[3])
note(id)
redis.call('HSET', job_key(id), 'status', 'done', 'updated', stamp)
redis.call('ZADD', KEY.FINISHED_JOBS, stamp, id)
redis.call('ZREM', KEY.AT_ONCE, id)
return redis.status_reply('OK')
