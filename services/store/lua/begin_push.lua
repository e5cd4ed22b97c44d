-- begin_push: reserve the ids of many jobs, which extend_push writes and lists in pieces and commit_push shows at once.
-- Places in the queue are given out by the commit: what is committed first is claimed first, whenever it was begun.
-- ARGV: now, queue, owner, how many jobs
-- Returns: the id of the first job, by which the push is known; the others follow without a gap. A push that comes to
--   nothing leaves a gap between ids.
-- Errors: NOTFOUND no such queue
-- O(log n) in the pushes that go on

local index, count = ARGV[2], tonumber(ARGV[4])
if not queue_exists(index) then return no_queue(index) end
local first = redis.call('INCRBY', KEY.JOB_SEQUENCE, count) - count + 1
redis.call('HSET', KEY.PUSH .. first, 'queue', index, 'owner', ARGV[3], 'count', count, 'priorities', '', 'assets', 0)
redis.call('ZADD', KEY.PUSHES, stamp, first)
redis.call('ZADD', KEY.PUSHED, first, string.format('%d', first + count - 1))
return first
