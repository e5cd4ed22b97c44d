-- end_run: a run is over; its queue is free for another.
-- ARGV: now, run, state (done | failed | stopped), reason
-- Returns: 1, or 0 where it was over already, or never was.
-- O(log n)

return end_run(ARGV[2], ARGV[3], ARGV[4])
