-- enqueue: create jobs and append them to a queue, all or none.
-- ARGV: now, queue, owner, then for each job: dataset, assets, model, horizon, priority
-- Returns: the id of the first job; the others follow without a gap.
-- Errors: NOTFOUND no such queue
-- O(log n) a job.

local index, owner = ARGV[2], ARGV[3]
if not queue_exists(index) then return no_queue(index) end

local count = (#ARGV - 3) / 5
local last = redis.call('INCRBY', KEY.JOB_SEQUENCE, count)
local sequence = redis.call('HINCRBY', queue_key(index), 'sequence', count) - count
local ready, ids = {}, {}
for number = 1, count do
  local at = 3 + (number - 1) * 5
  local id = string.format('%.0f', last - count + number)
  local score = score_of(ARGV[at + 5], sequence + number)
  redis.call('HSET', job_key(id),
    'owner', owner, 'dataset', ARGV[at + 1], 'assets', ARGV[at + 2], 'model', ARGV[at + 3],
    'horizon', ARGV[at + 4], 'priority', ARGV[at + 5], 'status', 'queued', 'queue', index,
    'score', score, 'attempts', 0, 'created', stamp, 'updated', stamp)
  ready[#ready + 1], ready[#ready + 2] = score, id
  ids[#ids + 1], ids[#ids + 2] = id, id
end
add_all(ready_key(index), ready)
add_all(KEY.JOBS, ids)
add_all(KEY.JOBS_OF .. owner, ids)
redis.call('HINCRBY', queue_key(index), 'enqueued', count)
return last - count + 1
