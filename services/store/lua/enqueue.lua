-- enqueue: create jobs and append them to a queue, all or none.
-- ARGV: now, queue, owner, then for each job: dataset, assets, how many assets, model, horizon, priority
-- Returns: the id of the first job; the others follow without a gap.
-- Errors: NOTFOUND no such queue
-- O(log n) a job.

local index, owner = ARGV[2], ARGV[3]
if not queue_exists(index) then return no_queue(index) end

local count, assets = (#ARGV - 3) / 6, 0
local before = redis.call('INCRBY', KEY.JOB_SEQUENCE, count) - count
local sequence = redis.call('HINCRBY', queue_key(index), 'sequence', count) - count
local ready, ids = {}, {}
for number = 1, count do
  local at = 3 + (number - 1) * 6
  local id, score = before + number, score_of(ARGV[at + 6], sequence + number)
  redis.call('HSET', KEY.JOB .. string.format('%d', id),
    'owner', owner, 'dataset', ARGV[at + 1], 'assets', ARGV[at + 2], 'size', ARGV[at + 3], 'model', ARGV[at + 4],
    'horizon', ARGV[at + 5], 'priority', ARGV[at + 6], 'status', 'queued', 'queue', index,
    'score', score, 'attempts', 0, 'created', stamp, 'updated', stamp)
  local last = number * 2
  ready[last - 1], ready[last], ids[last - 1], ids[last] = score, id, id, id
  assets = assets + tonumber(ARGV[at + 3])
end
in_pieces(ready, 'ZADD', ready_key(index))
in_pieces(ids, 'ZADD', KEY.JOBS)
in_pieces(ids, 'ZADD', KEY.JOBS_OF .. owner)
redis.call('HINCRBY', queue_key(index), 'enqueued', count)
count_assets(index, assets)
return before + 1
