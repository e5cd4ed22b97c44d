-- count_jobs: count the jobs of one owner or of all, without those of unfinished pushes.
-- ARGV: now, owner ('' for all)
-- Returns: how many.
-- O(log n) a push that goes on

local index = ARGV[2] == '' and KEY.JOBS or KEY.JOBS_OF .. ARGV[2]
local count, pushes = redis.call('ZCARD', index), redis.call('ZRANGE', KEY.PUSHED, 0, -1, 'WITHSCORES')
for at = 1, #pushes, 2 do count = count - redis.call('ZCOUNT', index, pushes[at + 1], pushes[at]) end
return count
