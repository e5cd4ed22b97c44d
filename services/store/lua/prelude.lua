-- What the scripts share; scripts.py puts this and the table KEY before each of them.
-- ARGV[1] of every script: the time in seconds, or '' for the server's own.

-- A store that is being restored holds a part of everything, and its ids are not set yet: whatever is done now would be wrong.
if redis.call('EXISTS', KEY.RESTORING) == 1 then return redis.error_reply('AWAY ' .. KEY.CLOSED) end

local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) + tonumber(time[2]) / 1000000
end
local stamp = string.format('%.6f', now)

-- Expired leases returned by one claim or pull: a few milliseconds, so that others are served in between.
local REAP_PIECE = 250
-- What a claim or pull answers where more leases may have run out: call again.
local AGAIN = -1

local function queue_key(index) return KEY.QUEUE .. index end
local function ready_key(index) return KEY.QUEUE .. index .. KEY.READY end
local function leased_key(index) return KEY.QUEUE .. index .. KEY.LEASED end
local function dead_key(index) return KEY.QUEUE .. index .. KEY.DEAD end
local function job_key(id) return KEY.JOB .. id end

local function refuse(code, text) return redis.error_reply(code .. ' ' .. text) end

local function queue_exists(index) return redis.call('ZSCORE', KEY.QUEUES, index) end

local function no_queue(index) return refuse('NOTFOUND', 'there is no queue ' .. index) end

-- Run a command on a list, in calls short enough for Lua's stack; even, so that (score, member) pairs stay together.
local function in_pieces(list, ...)
  local words = {...}
  local count = #words
  for first = 1, #list, 2000 do
    local last = math.min(first + 1999, #list)
    for at = first, last do words[count + 1 + at - first] = list[at] end
    redis.call(unpack(words, 1, count + 1 + last - first))
  end
end

-- A score for (priority, sequence): higher priorities first, then first come, first served.
-- 9 * 2^48 + 2^48 < 2^53, so a double holds it exactly.
local function score_of(priority, sequence) return (9 - tonumber(priority)) * 281474976710656 + sequence end

-- The sequence in a score.
local function sequence_of(score) return tonumber(score) % 281474976710656 end

-- Keep the number of assets that wait: those of the ready and leased jobs.
local function count_assets(index, change)
  if change ~= 0 then redis.call('HINCRBY', queue_key(index), 'assets', change) end
end

-- Note that a job has changed, a record or a result: the exporter reads blocks of jobs that changed, and no others.
local JOBS_A_BLOCK = tonumber(KEY.JOBS_A_BLOCK)
local change, noted = nil, {}
local function note(id)
  local block = math.floor(id / JOBS_A_BLOCK)
  if noted[block] then return end
  change = change or redis.call('INCR', KEY.CHANGE_SEQUENCE)
  redis.call('ZADD', KEY.CHANGES, change, block)
  noted[block] = true
end

-- The first id of the unfinished push that a job belongs to, if any: its jobs are written and nobody may see them yet.
local function push_of(id)
  local push = redis.call('ZRANGE', KEY.PUSHED, id, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')
  if push[1] and tonumber(id) <= tonumber(push[1]) then return push[2] end
end

-- A job is there when it is listed and not a part of an unfinished push.
local function is_there(id) return redis.call('ZSCORE', KEY.JOBS, id) and not push_of(id) end

-- Forget that a push goes on.
local function end_push(first, count)
  redis.call('DEL', KEY.PUSH .. first)
  redis.call('ZREM', KEY.PUSHES, first)
  redis.call('ZREM', KEY.PUSHED, string.format('%d', first + count - 1))
end

-- Write and list new jobs of a queue ('' for none), six words each from ARGV[from] on, the first with the id `first`.
-- Returns their priorities, a digit each, and how many assets they ask for.
local function write_jobs(index, owner, first, from)
  local digits, ids, assets = {}, {}, 0
  for at = from, #ARGV, 6 do
    local id = string.format('%d', first + #digits)
    redis.call('HSET', job_key(id),
      'owner', owner, 'dataset', ARGV[at], 'assets', ARGV[at + 1], 'size', ARGV[at + 2], 'model', ARGV[at + 3],
      'horizon', ARGV[at + 4], 'priority', ARGV[at + 5], 'status', index == '' and 'in progress' or 'queued',
      'queue', index, 'attempts', 0, 'created', stamp, 'updated', stamp)
    digits[#digits + 1], assets = ARGV[at + 5], assets + tonumber(ARGV[at + 2])
    ids[#ids + 1], ids[#ids + 2] = id, id
  end
  in_pieces(ids, 'ZADD', KEY.JOBS)
  in_pieces(ids, 'ZADD', KEY.JOBS_OF .. owner)
  return table.concat(digits), assets
end

-- Append written jobs to their queue, all at once.
local function publish(index, first, priorities, assets)
  local count = #priorities
  local sequence = redis.call('HINCRBY', queue_key(index), 'sequence', count) - count
  local ready = {}
  for id = first, first + count - 1, JOBS_A_BLOCK do note(id) end
  note(first + count - 1)
  for number = 1, count do
    local last = number * 2
    ready[last - 1] = score_of(string.sub(priorities, number, number), sequence + number)
    ready[last] = first + number - 1
  end
  in_pieces(ready, 'ZADD', ready_key(index))
  redis.call('HINCRBY', queue_key(index), 'enqueued', count)
  count_assets(index, assets)
end

-- Take a job out of whatever part of its queue it is in. Returns its owner, or false where there is no such job.
local function detach(id)
  note(id)
  local job = redis.call('HMGET', job_key(id), 'owner', 'queue', 'size')
  local index = job[2]
  if index and index ~= '' then
    if redis.call('ZREM', ready_key(index), id) + redis.call('ZREM', leased_key(index), id) > 0 then
      count_assets(index, -tonumber(job[3]))
    else
      redis.call('ZREM', dead_key(index), id)
    end
  end
  return job[1]
end

-- Delete jobs with their results and every mention of them.
local function delete_all(ids)
  local records, by_owner = {}, {}
  for _, id in ipairs(ids) do
    local owner = detach(id)
    records[#records + 1] = job_key(id)
    records[#records + 1] = KEY.RESULT .. id
    if owner then
      local owned = by_owner[owner] or {}
      owned[#owned + 1], by_owner[owner] = id, owned
    end
  end
  in_pieces(records, 'UNLINK')
  in_pieces(ids, 'ZREM', KEY.JOBS)
  in_pieces(ids, 'ZREM', KEY.FINISHED_JOBS)
  in_pieces(ids, 'ZREM', KEY.AT_ONCE)
  for owner, owned in pairs(by_owner) do in_pieces(owned, 'ZREM', KEY.JOBS_OF .. owner) end
end

-- Move a claimed job of `size` assets to the dead letters of its queue.
local function bury(index, id, size, reason)
  note(id)
  redis.call('HSET', job_key(id), 'status', 'failed', 'reason', reason, 'lease', '', 'updated', stamp)
  redis.call('ZREM', leased_key(index), id)
  redis.call('ZADD', dead_key(index), stamp, id)
  redis.call('HINCRBY', queue_key(index), 'failed', 1)
  count_assets(index, -size)
end

-- Put claimed jobs back to their own places. A waiting job's score stands in its queue alone, a claimed one's in its record.
-- Their places first: without a score that fails, and then nothing is lost.
local function put_back(index, ids, reason)
  local places = {}
  for _, id in ipairs(ids) do
    places[#places + 1] = redis.call('HGET', job_key(id), 'score')
    places[#places + 1] = id
  end
  in_pieces(places, 'ZADD', ready_key(index))
  in_pieces(ids, 'ZREM', leased_key(index))
  for _, id in ipairs(ids) do
    note(id)
    redis.call('HDEL', job_key(id), 'score')
    redis.call('HSET', job_key(id), 'status', 'queued', 'reason', reason, 'lease', '', 'updated', stamp)
  end
end

-- Put dead-lettered jobs back to their own places, with fresh attempts.
local function revive(index, ids, reason)
  local assets = 0
  for _, id in ipairs(ids) do
    assets = assets + tonumber(redis.call('HGET', job_key(id), 'size'))
    redis.call('HSET', job_key(id), 'attempts', 0)
  end
  put_back(index, ids, reason)
  in_pieces(ids, 'ZREM', dead_key(index))
  count_assets(index, assets)
end

-- Return jobs whose lease ran out, at most `limit`, those first that ran out first; where attempts are spent, bury them.
-- Returns how many; where it is `limit`, more may have run out.
local function reap(index, limit)
  local expired = redis.call('ZRANGE', leased_key(index), '-inf', stamp, 'BYSCORE', 'LIMIT', 0, limit)
  if #expired == 0 then return 0 end
  local most = tonumber(redis.call('HGET', queue_key(index), 'max_attempts'))
  local back = {}
  for _, id in ipairs(expired) do
    local job = redis.call('HMGET', job_key(id), 'attempts', 'size')
    if tonumber(job[1]) >= most then
      bury(index, id, job[2], 'attempts spent: its lease ran out in attempt ' .. job[1] .. ' of ' .. most)
    else
      back[#back + 1] = id
    end
  end
  put_back(index, back, 'its lease ran out, so it waits in its old place again')
  redis.call('HINCRBY', queue_key(index), 'redelivered', #back)
  return #expired
end

-- A run is over and its queue is free for another. Returns 1, or 0 where it was over already.
local function end_run(id, state, reason)
  local key = KEY.RUN .. id
  local run = redis.call('HMGET', key, 'state', 'queue', 'created')
  if run[1] ~= 'pending' and run[1] ~= 'running' then return 0 end
  redis.call('HSET', key, 'state', state, 'finished', stamp, 'reason', reason)
  if redis.call('HGET', queue_key(run[2]), 'run') == id then redis.call('HDEL', queue_key(run[2]), 'run') end
  redis.call('SREM', KEY.ACTIVE_RUNS, id)
  redis.call('ZADD', KEY.FINISHED_RUNS, stamp, id)
  redis.call('HINCRBY', KEY.RUN_TOTALS, state .. ':count', 1)
  redis.call('HINCRBYFLOAT', KEY.RUN_TOTALS, state .. ':seconds', string.format('%.6f', now - tonumber(run[3])))
  return 1
end
