-- ARGV: partition number, then request ids that are no longer open.
for index = 2, #ARGV do
  local id = ARGV[index]
  redis.call('HDEL', REQUESTS, id)
  redis.call('HDEL', LEASES, id)
  redis.call('ZREM', LINE, id)
  redis.call('ZREM', LAPSES, id)
  redis.call('SREM', PARTITION .. ARGV[1], id)
  redis.call('SET', CLOSED .. id, ARGV[1], 'EX', 3600)
end
return #ARGV - 1
