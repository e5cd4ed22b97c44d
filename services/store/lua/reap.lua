-- reap: return jobs whose lease ran out, each to its own place, or to the dead letters when its attempts are spent.
-- ARGV: now, queue, most jobs
-- Returns: how many.
-- Errors: NOTFOUND no such queue
-- O(log n) a job.

if not queue_exists(ARGV[2]) then return no_queue(ARGV[2]) end
return reap(ARGV[2], tonumber(ARGV[3]))
