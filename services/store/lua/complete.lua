-- complete: store results and finish jobs, each only if the lease still holds it; counts the run's progress.
-- ARGV: now, queue, lease id, run ('' for none), then for each job: id, outcome (done | failed), assets,
--   payload (packed result | reason)
-- Returns: the ids that the lease no longer holds; nothing of them was changed.
-- O(log n) a job.

local index, lease, run = ARGV[2], ARGV[3], ARGV[4]
local stale, finished = {}, {}
local done, failed, assets = 0, 0, 0
for at = 5, #ARGV, 4 do
  local id, payload = ARGV[at], ARGV[at + 3]
  if redis.call('HGET', job_key(id), 'lease') ~= lease then
    stale[#stale + 1] = id
  elseif ARGV[at + 1] == 'done' then
    redis.call('SET', KEY.RESULT .. id, payload)
    redis.call('HSET', job_key(id), 'status', 'done', 'reason', '', 'updated', stamp)
    redis.call('HDEL', job_key(id), 'lease')
    finished[#finished + 1] = id
    done, assets = done + 1, assets + tonumber(ARGV[at + 2])
  else
    bury(index, id, payload)
    failed, assets = failed + 1, assets + tonumber(ARGV[at + 2])
  end
end

for first = 1, #finished, 1000 do
  local last = math.min(first + 999, #finished)
  redis.call('ZREM', leased_key(index), unpack(finished, first, last))
  if run ~= '' then redis.call('RPUSH', KEY.RUN .. run .. KEY.RUN_JOBS, unpack(finished, first, last)) end
end
if queue_exists(index) then
  redis.call('HINCRBY', queue_key(index), 'completed', done)
  redis.call('HINCRBY', queue_key(index), 'stale', #stale)
end
if run ~= '' then
  redis.call('HINCRBY', KEY.RUN .. run, 'jobs_done', done)
  redis.call('HINCRBY', KEY.RUN .. run, 'jobs_failed', failed)
  redis.call('HINCRBY', KEY.RUN .. run, 'assets_done', assets)
end
return stale
