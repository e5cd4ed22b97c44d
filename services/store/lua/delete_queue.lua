-- delete_queue: take a queue away at once, then delete the jobs in it in pieces: call until it returns 0.
-- ARGV: now, queue, most jobs to delete in this call
-- Returns: 1 while jobs are left, 0 when nothing of the queue is.
-- Errors: NOTFOUND no such queue, nor one being deleted
-- O(log n) a job.

local index, most = ARGV[2], tonumber(ARGV[3])
if queue_exists(index) then
  redis.call('ZREM', KEY.QUEUES, index)
  redis.call('SADD', KEY.QUEUES_DELETING, index)
  redis.call('HDEL', KEY.QUEUE_NAMES, redis.call('HGET', queue_key(index), 'name'))
  local run = redis.call('HGET', queue_key(index), 'run')
  if run then redis.call('HSET', KEY.RUN .. run, 'stop_requested', 1) end
elseif redis.call('SISMEMBER', KEY.QUEUES_DELETING, index) == 0 then
  return no_queue(index)
end

for _, key in ipairs({ready_key(index), leased_key(index), dead_key(index)}) do
  local ids = redis.call('ZRANGE', key, 0, most - 1)
  delete_all(ids)
  most = most - #ids
  if most <= 0 then return 1 end
end
redis.call('DEL', queue_key(index))
redis.call('SREM', KEY.QUEUES_DELETING, index)
return 0
