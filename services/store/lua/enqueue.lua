-- enqueue: create a few jobs and append them to a queue, all or none; many are a push (begin_push.lua).
-- ARGV: now, queue, owner, then for each job: dataset, assets, how many assets, model, horizon, priority
-- Returns: the id of the first job; the others follow without a gap.
-- Errors: NOTFOUND no such queue
-- O(log n) a job.

local index, owner, count = ARGV[2], ARGV[3], (#ARGV - 3) / 6
if not queue_exists(index) then return no_queue(index) end
local first = redis.call('INCRBY', KEY.JOB_SEQUENCE, count) - count + 1
local priorities, assets = write_jobs(index, owner, first, 4)
publish(index, first, priorities, assets)
return first
