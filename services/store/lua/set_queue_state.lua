-- set_queue_state: pause a queue, so that it takes jobs but hands none out, or resume it.
-- ARGV: now, queue, state (open | paused)
-- Returns: OK
-- Errors: NOTFOUND no such queue
-- O(1)

if not queue_exists(ARGV[2]) then return no_queue(ARGV[2]) end
redis.call('HSET', queue_key(ARGV[2]), 'state', ARGV[3])
return redis.status_reply('OK')
