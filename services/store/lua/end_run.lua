-- end_run: a run is over; its queue is free for another.
-- ARGV: now, run, state (done | failed | stopped), reason
-- Returns: 1, or 0 where it was over already.
-- O(1)

local key = KEY.RUN .. ARGV[2]
local run = redis.call('HMGET', key, 'state', 'queue', 'created')
if run[1] ~= 'pending' and run[1] ~= 'running' then return 0 end
redis.call('HSET', key, 'state', ARGV[3], 'finished', stamp, 'reason', ARGV[4])
if redis.call('HGET', queue_key(run[2]), 'run') == ARGV[2] then redis.call('HDEL', queue_key(run[2]), 'run') end
redis.call('HINCRBY', KEY.RUN_TOTALS, ARGV[3] .. ':count', 1)
redis.call('HINCRBYFLOAT', KEY.RUN_TOTALS, ARGV[3] .. ':seconds', now - tonumber(run[3]))
return 1
