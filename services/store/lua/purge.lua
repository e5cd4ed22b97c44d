-- purge: delete jobs that wait in a queue, in pieces: call with the answered place until that is ''.
-- ARGV: now, queue, most jobs to look at, the last sequence that may go (so that jobs pushed during a long purge stay),
--   the place to go on from (-inf at first)
-- Returns: {how many were deleted, the place to go on from, or '' where the end is reached}
-- Errors: NOTFOUND no such queue
-- O(log n) a job.

local index, most, last = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
if not queue_exists(index) then return no_queue(index) end
local seen = redis.call('ZRANGE', ready_key(index), ARGV[5], '+inf', 'BYSCORE', 'LIMIT', 0, most, 'WITHSCORES')
local ids = {}
for at = 1, #seen, 2 do
  if sequence_of(seen[at + 1]) <= last then ids[#ids + 1] = seen[at] end
end
delete_all(ids)
return {#ids, #seen == most * 2 and '(' .. seen[#seen] or ''}
