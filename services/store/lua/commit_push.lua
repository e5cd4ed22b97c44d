-- commit_push: append all jobs of a push to its queue, so that they are there, all at once.
-- ARGV: now, push
-- Returns: OK
-- Errors: NOTFOUND the queue was deleted meanwhile; AWAY the push was silent for too long and is given up
-- O(log n) a job: about a microsecond each.

local first = ARGV[2]
local key = KEY.PUSH .. first
local push = redis.call('HMGET', key, 'queue', 'priorities', 'assets', 'count')
if not push[1] or #push[2] ~= tonumber(push[4]) then return refuse('AWAY', 'the push took too long; push again') end
if not queue_exists(push[1]) then
  redis.call('ZADD', KEY.PUSHES, 0, first) -- as if it had been silent for ever, so that it is removed soon
  return no_queue(push[1])
end
publish(push[1], tonumber(first), push[2], tonumber(push[3]))
end_push(first, push[4])
return redis.status_reply('OK')
