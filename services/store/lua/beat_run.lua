-- beat_run: the run is alive; does it still hold its queue, and is it asked to stop?
-- ARGV: now, run
-- Returns: 'go', 'stop' (asked to), or 'lost' (ended by others, or deleted).
-- O(1)

local key = KEY.RUN .. ARGV[2]
local run = redis.call('HMGET', key, 'state', 'stop_requested')
if run[1] ~= 'pending' and run[1] ~= 'running' then return 'lost' end
redis.call('HSET', key, 'heartbeat', stamp)
return run[2] and 'stop' or 'go'
