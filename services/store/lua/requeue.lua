-- requeue: append jobs that are in no queue (pulled, created for no queue, or failed there) to a queue, all or none.
-- ARGV: now, queue, owner whose jobs they must be ('' for anybody's), then ids, each once
-- Errors: NOTFOUND queue or job; CONFLICT a job that is in a queue or finished
-- O(log n) a job.

local index, owner = ARGV[2], ARGV[3]
if not queue_exists(index) then return no_queue(index) end

local count, assets = #ARGV - 3, 0
local priorities = {}
for at = 4, #ARGV do
  local job = redis.call('HMGET', job_key(ARGV[at]), 'owner', 'status', 'queue', 'priority', 'size')
  if not job[1] or (owner ~= '' and job[1] ~= owner) or not is_there(ARGV[at]) then
    return refuse('NOTFOUND', 'there is no job ' .. ARGV[at])
  end
  if (job[2] ~= 'in progress' and job[2] ~= 'failed') or job[3] ~= '' then
    local place = job[3] ~= '' and ' (queue ' .. job[3] .. ')' or ''
    return refuse('CONFLICT', 'job ' .. ARGV[at] .. ' is ' .. job[2] .. place
      .. '; only a job in progress or failed that is in no queue can be put into one')
  end
  priorities[at], assets = job[4], assets + tonumber(job[5])
end

local sequence = redis.call('HINCRBY', queue_key(index), 'sequence', count) - count
local ready, ids = {}, {}
for at = 4, #ARGV do
  note(ARGV[at])
  redis.call('HDEL', job_key(ARGV[at]), 'score')
  redis.call('HSET', job_key(ARGV[at]), 'status', 'queued', 'queue', index, 'attempts', 0, 'reason', '', 'updated', stamp)
  ready[#ready + 1] = score_of(priorities[at], sequence + at - 3)
  ready[#ready + 1], ids[#ids + 1] = ARGV[at], ARGV[at]
end
in_pieces(ready, 'ZADD', ready_key(index))
in_pieces(ids, 'ZREM', KEY.FINISHED_JOBS) -- those that had failed
in_pieces(ids, 'ZREM', KEY.AT_ONCE) -- whoever pulls one later may take long
redis.call('HINCRBY', queue_key(index), 'enqueued', count)
count_assets(index, assets)
