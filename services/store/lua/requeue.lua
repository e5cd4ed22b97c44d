-- requeue: append jobs that are in no queue (pulled ones, or created for no queue) to a queue, all or none.
-- ARGV: now, queue, owner whose jobs they must be ('' for anybody's), then ids
-- Returns: how many.
-- Errors: NOTFOUND queue or job; CONFLICT a job that is not in progress outside a queue
-- O(log n) a job.

local index, owner = ARGV[2], ARGV[3]
if not queue_exists(index) then return no_queue(index) end

for at = 4, #ARGV do
  local job = redis.call('HMGET', job_key(ARGV[at]), 'owner', 'status', 'queue')
  if not job[1] or (owner ~= '' and job[1] ~= owner) then
    return refuse('NOTFOUND', 'there is no job ' .. ARGV[at])
  end
  if job[2] ~= 'in progress' or job[3] ~= '' then
    local place = job[3] ~= '' and ' in queue ' .. job[3] or ''
    return refuse('CONFLICT', 'job ' .. ARGV[at] .. ' is ' .. job[2] .. place
      .. '; only a job in progress that is in no queue can be put into one')
  end
end

for at = 4, #ARGV do
  local id = ARGV[at]
  local sequence = redis.call('HINCRBY', queue_key(index), 'sequence', 1)
  local score = score_of(redis.call('HGET', job_key(id), 'priority'), sequence)
  redis.call('HSET', job_key(id), 'status', 'queued', 'queue', index, 'score', score,
    'attempts', 0, 'reason', '', 'updated', stamp)
  redis.call('ZADD', ready_key(index), score, id)
end
redis.call('HINCRBY', queue_key(index), 'enqueued', #ARGV - 3)
return #ARGV - 3
