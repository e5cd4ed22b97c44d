-- extend_push: write the next jobs of a push; nobody sees them before it is committed.
-- ARGV: now, push, how many of its jobs are written, then for each job: dataset, assets, how many assets, model, horizon,
--   priority
-- Returns: OK
-- Errors: AWAY the push was silent for too long and is given up, or a piece before this one has not come
-- O(log n) a job.

local key = KEY.PUSH .. ARGV[2]
local push = redis.call('HMGET', key, 'queue', 'owner', 'priorities', 'assets')
if not push[1] then return refuse('AWAY', 'the push took too long; push again') end
if #push[3] ~= tonumber(ARGV[3]) then return refuse('AWAY', 'a piece of the push came out of its turn; push again') end
local priorities, assets = write_jobs(push[1], push[2], ARGV[2] + #push[3], 4)
redis.call('HSET', key, 'priorities', push[3] .. priorities, 'assets', push[4] + assets)
redis.call('ZADD', KEY.PUSHES, stamp, ARGV[2])
return redis.status_reply('OK')
