-- end_silent_run: end a run that has failed, unless a heartbeat came since it was looked at.
-- ARGV: now, run, its heartbeat then, reason
-- Returns: 1, or 0 where it is alive, over already, or never was.
-- O(log n)

local heartbeat = redis.call('HGET', KEY.RUN .. ARGV[2], 'heartbeat')
if not heartbeat or tonumber(heartbeat) ~= tonumber(ARGV[3]) then return 0 end
return end_run(ARGV[2], 'failed', ARGV[4])
