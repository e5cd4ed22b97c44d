-- complete: store results and finish jobs, each only if the lease still holds it; counts the run's progress.
-- The run's totals follow its queue, so that jobs pushed during the run do not bring its progress above all of it.
-- ARGV: now, queue, lease id, run ('' for none), then for each job: id, outcome (done | failed), assets,
--   payload (packed result | reason)
-- Returns: the ids that the lease no longer holds; nothing of them was changed. Of a deleted queue, it holds none.
-- O(log n) a job.

local index, lease, run = ARGV[2], ARGV[3], ARGV[4]
local exists = queue_exists(index)
local stale, finished, ends = {}, {}, {}
local failed, assets, released = 0, 0, 0
for at = 5, #ARGV, 4 do
  local id, payload = ARGV[at], ARGV[at + 3]
  local job = redis.call('HMGET', job_key(id), 'lease', 'size')
  if not exists or job[1] ~= lease then
    stale[#stale + 1] = id
  else
    assets = assets + tonumber(ARGV[at + 2])
    if ARGV[at + 1] == 'done' then
      note(id)
      redis.call('SET', KEY.RESULT .. id, payload)
      redis.call('HSET', job_key(id), 'status', 'done', 'lease', '', 'updated', stamp) -- the claim has emptied the reason
      finished[#finished + 1], released = id, released + tonumber(job[2])
      ends[#finished * 2 - 1], ends[#finished * 2] = stamp, id
    else
      bury(index, id, job[2], payload)
      failed = failed + 1
    end
  end
end
if not exists then return stale end

in_pieces(finished, 'ZREM', leased_key(index))
in_pieces(ends, 'ZADD', KEY.FINISHED_JOBS)
count_assets(index, -released)
redis.call('HINCRBY', queue_key(index), 'completed', #finished)
redis.call('HINCRBY', queue_key(index), 'stale', #stale)
if run ~= '' and redis.call('EXISTS', KEY.RUN .. run) == 1 then -- a restore or retention may have taken it away
  in_pieces(finished, 'RPUSH', KEY.RUN .. run .. KEY.RUN_JOBS)
  local jobs_over = redis.call('HINCRBY', KEY.RUN .. run, 'jobs_done', #finished)
    + redis.call('HINCRBY', KEY.RUN .. run, 'jobs_failed', failed)
  local assets_done = redis.call('HINCRBY', KEY.RUN .. run, 'assets_done', assets)
  local jobs_left = redis.call('ZCARD', ready_key(index)) + redis.call('ZCARD', leased_key(index))
  local assets_left = tonumber(redis.call('HGET', queue_key(index), 'assets') or 0)
  redis.call('HSET', KEY.RUN .. run, 'jobs_total', jobs_over + jobs_left, 'assets_total', assets_done + assets_left)
end
return stale
