-- start_run: record a run that holds its queue; a run of the queue that went silent is ended first.
-- ARGV: now, queue, owner, processes, seconds of silence after which a run counts as dead
-- Returns: its id.
-- Errors: NOTFOUND no such queue; CONFLICT another run drains it
-- O(log n)

local index = ARGV[2]
if not queue_exists(index) then return no_queue(index) end
local other = redis.call('HGET', queue_key(index), 'run')
if other then
  local heartbeat = tonumber(redis.call('HGET', KEY.RUN .. other, 'heartbeat') or 0)
  if now - heartbeat < tonumber(ARGV[5]) then
    return refuse('CONFLICT', 'run ' .. other .. ' drains queue ' .. index .. '; wait for it or stop it')
  end
  end_run(other, 'failed', 'it went silent; its leases bring its jobs back')
end
local id = redis.call('INCR', KEY.RUN_SEQUENCE)
redis.call('HSET', KEY.RUN .. id, 'queue', index, 'owner', ARGV[3], 'processes', ARGV[4], 'state', 'pending',
  'created', stamp, 'heartbeat', stamp)
redis.call('ZADD', KEY.RUNS, id, id)
redis.call('SADD', KEY.ACTIVE_RUNS, id)
redis.call('HSET', queue_key(index), 'run', id)
return id
