-- What the scripts share; scripts.py puts this and the table KEY before each of them.
-- ARGV[1] of every script: the time in seconds, or '' for the server's own.

local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) + tonumber(time[2]) / 1000000
end
local stamp = string.format('%.6f', now)

local function queue_key(index) return KEY.QUEUE .. index end
local function ready_key(index) return KEY.QUEUE .. index .. KEY.READY end
local function leased_key(index) return KEY.QUEUE .. index .. KEY.LEASED end
local function dead_key(index) return KEY.QUEUE .. index .. KEY.DEAD end
local function job_key(id) return KEY.JOB .. id end

local function refuse(code, text) return redis.error_reply(code .. ' ' .. text) end

local function queue_exists(index) return redis.call('ZSCORE', KEY.QUEUES, index) end

local function no_queue(index) return refuse('NOTFOUND', 'there is no queue ' .. index) end

-- Add (score, member) pairs in calls short enough for Lua's stack.
local function add_all(key, pairs_)
  for first = 1, #pairs_, 1000 do
    redis.call('ZADD', key, unpack(pairs_, first, math.min(first + 999, #pairs_)))
  end
end

-- A score for (priority, sequence): higher priorities first, then first come, first served.
-- 9 * 2^48 + 2^48 < 2^53, so a double holds it exactly.
local function score_of(priority, sequence)
  return string.format('%.0f', (9 - tonumber(priority)) * 281474976710656 + sequence)
end

-- Take a job out of whatever part of its queue it is in. Returns its fields owner, queue, status.
local function detach(id)
  local job = redis.call('HMGET', job_key(id), 'owner', 'queue', 'status')
  local index = job[2]
  if index and index ~= '' then
    redis.call('ZREM', ready_key(index), id)
    redis.call('ZREM', leased_key(index), id)
    redis.call('ZREM', dead_key(index), id)
  end
  return job
end

-- Delete a job with its result and every mention of it.
local function delete_job(id)
  local owner = detach(id)[1]
  redis.call('DEL', job_key(id), KEY.RESULT .. id)
  redis.call('ZREM', KEY.JOBS, id)
  if owner then redis.call('ZREM', KEY.JOBS_OF .. owner, id) end
end

-- Move a claimed job to the dead letters of its queue.
local function bury(index, id, reason)
  redis.call('HSET', job_key(id), 'status', 'failed', 'reason', reason, 'updated', stamp)
  redis.call('HDEL', job_key(id), 'lease')
  redis.call('ZREM', leased_key(index), id)
  redis.call('ZADD', dead_key(index), stamp, id)
  redis.call('HINCRBY', queue_key(index), 'failed', 1)
end

-- Put a claimed job back to its own place.
local function put_back(index, id, reason)
  redis.call('HSET', job_key(id), 'status', 'queued', 'reason', reason, 'updated', stamp)
  redis.call('HDEL', job_key(id), 'lease')
  redis.call('ZREM', leased_key(index), id)
  redis.call('ZADD', ready_key(index), redis.call('HGET', job_key(id), 'score'), id)
end

-- Return jobs whose lease ran out, at most `limit`; those whose attempts are spent are buried.
local function reap(index, limit)
  local expired = redis.call('ZRANGEBYSCORE', leased_key(index), '-inf', stamp, 'LIMIT', 0, limit)
  local most = tonumber(redis.call('HGET', queue_key(index), 'max_attempts') or 1)
  for _, id in ipairs(expired) do
    local attempts = tonumber(redis.call('HGET', job_key(id), 'attempts'))
    if attempts >= most then
      bury(index, id, 'attempts spent: its lease ran out ' .. attempts .. ' times')
    else
      put_back(index, id, 'its lease ran out; handed out again')
      redis.call('HINCRBY', queue_key(index), 'redelivered', 1)
    end
  end
  return #expired
end
