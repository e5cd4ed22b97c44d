-- begin_run: the program of a pending run has started, and the run is its own from now on.
-- ARGV: now, run, hosts (comma-separated), a random word of the program's, by which it may ask again
-- Returns: how many jobs wait.
-- Errors: NOTFOUND no such run; CONFLICT not pending
-- O(1)

local key = KEY.RUN .. ARGV[2]
local run = redis.call('HMGET', key, 'state', 'queue', 'program')
if not run[1] then return refuse('NOTFOUND', 'there is no run ' .. ARGV[2]) end
local again = run[1] == 'running' and run[3] == ARGV[4]
if run[1] ~= 'pending' and not again then return refuse('CONFLICT', 'run ' .. ARGV[2] .. ' is ' .. run[1]) end
local waiting = redis.call('ZCARD', ready_key(run[2])) + redis.call('ZCARD', leased_key(run[2]))
local assets = redis.call('HGET', queue_key(run[2]), 'assets') or 0
redis.call('HSET', key, 'state', 'running', 'started', stamp, 'heartbeat', stamp, 'hosts', ARGV[3], 'program', ARGV[4],
  'jobs_total', waiting, 'assets_total', assets)
redis.call('HDEL', key, 'reason')
return waiting
