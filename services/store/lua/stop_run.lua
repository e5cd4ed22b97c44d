-- stop_run: ask a run to stop; it sees that at its next heartbeat.
-- ARGV: now, run
-- Returns: OK
-- Errors: NOTFOUND no such run; CONFLICT over already
-- O(1)

local key = KEY.RUN .. ARGV[2]
local state = redis.call('HGET', key, 'state')
if not state then return refuse('NOTFOUND', 'there is no run ' .. ARGV[2]) end
if state ~= 'pending' and state ~= 'running' then
  return refuse('CONFLICT', 'run ' .. ARGV[2] .. ' is ' .. state .. ' already')
end
redis.call('HSET', key, 'stop_requested', 1)
return redis.status_reply('OK')
