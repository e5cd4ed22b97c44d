-- claim: take the first jobs of a queue for a limited time, after returning those whose lease ran out.
-- ARGV: now, queue, most jobs, lease seconds, run ('' for none), lease id to claim more under (none: a new one)
-- Returns: {lease id, then for each job: id, attempts, created, dataset, assets, model, horizon, priority}
--   A lease id is a fencing token: it only grows. A paused queue hands out nothing: {0}, as where nothing waits.
--   {-1}: many leases had run out, so nothing is handed out yet; call again.
-- Errors: NOTFOUND no such queue
-- O(log n) a job.

local index, most, lease_seconds, run = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
if not queue_exists(index) then return no_queue(index) end

if reap(index, REAP_PIECE) == REAP_PIECE then return {AGAIN} end
if redis.call('HGET', queue_key(index), 'state') == 'paused' then return {0} end
local places = redis.call('ZRANGE', ready_key(index), 0, most - 1, 'WITHSCORES')
if #places == 0 then return {0} end

local lease = tonumber(ARGV[6] or '') or redis.call('INCR', KEY.LEASE_SEQUENCE)
local deadline = string.format('%.6f', now + lease_seconds)
local answer, leased = {lease}, {}
for place = 1, #places, 2 do
  local id = places[place]
  note(id)
  local job = redis.call('HMGET', job_key(id), 'attempts', 'created', 'dataset', 'assets', 'model', 'horizon',
    'priority', 'reason')
  local attempts = tonumber(job[1]) + 1
  redis.call('HSET', job_key(id), 'status', 'in progress', 'lease', lease, 'run', run, 'attempts', attempts,
    'score', places[place + 1], 'updated', stamp)
  if job[8] and job[8] ~= '' then redis.call('HSET', job_key(id), 'reason', '') end
  leased[#leased + 1] = deadline
  leased[#leased + 1] = id
  local at = #answer
  answer[at + 1], answer[at + 2], answer[at + 3], answer[at + 4] = id, attempts, job[2], job[3]
  answer[at + 5], answer[at + 6], answer[at + 7], answer[at + 8] = job[4], job[5], job[6], job[7]
end
in_pieces(leased, 'ZADD', leased_key(index))
redis.call('ZREMRANGEBYRANK', ready_key(index), 0, #places / 2 - 1)
redis.call('HINCRBY', queue_key(index), 'claimed', #places / 2)
return answer
