-- keep_entry: append an entry to the trail; the oldest go when there are more than about so many.
-- ARGV: now, most entries, then field, value, ...
-- O(1)

redis.call('XADD', KEY.AUDIT, 'MAXLEN', '~', ARGV[2], '*', unpack(ARGV, 3))
