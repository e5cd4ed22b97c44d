-- note_run: a pending run is alive and waits for something; its record says for what.
-- ARGV: now, run, reason
-- Returns: 1, or 0 where it is not pending any more.
-- O(1)

local key = KEY.RUN .. ARGV[2]
if redis.call('HGET', key, 'state') ~= 'pending' then return 0 end
redis.call('HSET', key, 'heartbeat', stamp, 'reason', ARGV[3])
return 1
