-- ARGV: partition number, for how long in s to remember what somebody was asked, and what nobody was, then request ids.
for index = 4, #ARGV do
  local id = ARGV[index]
  local request = request_of(id)
  local remembered = ARGV[3]
  if request then
    if redis.call('HDEL', LEASES, id) == 1 or has(request.flags, BEGUN) then remembered = ARGV[2] end
    redis.call('HDEL', REQUESTS, id)
    redis.call('HINCRBY', OPEN, request.line, -1)
    stand(id, request, false)
    if request.group ~= '' then redis.call('SREM', GROUPS .. request.group, id) end
    redis.call('HDEL', BEHIND, id)
  end
  redis.call('ZREM', LAPSES, id)
  redis.call('SREM', PARTITION .. ARGV[1], id)
  redis.call('SET', CLOSED .. id, ARGV[1], 'EX', remembered)
end
return #ARGV - 3
