-- pull: hand the first waiting job to a person: it leaves the queue and is in progress.
-- ARGV: now, queue
-- Returns: its id; -1: many leases had run out, so nothing is handed out yet; call again.
-- Errors: NOTFOUND no such queue, or nothing waits in it; CONFLICT the queue is paused
-- O(log n)

local index = ARGV[2]
if not queue_exists(index) then return no_queue(index) end
if redis.call('HGET', queue_key(index), 'state') == 'paused' then
  return refuse('CONFLICT', 'queue ' .. index .. ' is paused; resume it first')
end
if reap(index, REAP_PIECE) == REAP_PIECE then return AGAIN end
local id = redis.call('ZRANGE', ready_key(index), 0, 0)[1]
if not id then return refuse('NOTFOUND', 'nothing waits in queue ' .. index) end
detach(id)
redis.call('HSET', job_key(id), 'status', 'in progress', 'queue', '', 'reason', '', 'updated', stamp)
redis.call('HINCRBY', queue_key(index), 'claimed', 1)
return tonumber(id)
