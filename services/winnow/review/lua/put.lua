-- ARGV: for how many ms `for` holds, then JSON {id, p, o, r, place, wanted, seen, for, done_by} for each request.
-- What is leased stays leased, but by `done_by`.
local now = now_ms()
for index = 2, #ARGV do
  local request = cjson.decode(ARGV[index])
  local id, done_by = request.id, request.done_by
  request.id, request.done_by = nil, nil
  if request['for'] then request.until_ms = now + tonumber(ARGV[1]) end
  redis.call('HSET', REQUESTS, id, cjson.encode(request))
  redis.call('SADD', PARTITION .. request.p, id)
  local leases = without_lapsed(leases_of(id), now)
  if done_by then leases[done_by] = nil end
  settle(id, request, leases)
end
return #ARGV - 1
