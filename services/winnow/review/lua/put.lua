-- ARGV: for how many ms a reservation holds, then for each request {id, packed, who is done with it or ''}.
-- What is leased stays leased, but by who is done with it.
local now = now_ms()

for index = 2, #ARGV, 3 do
  local id, packed, done_by = ARGV[index], ARGV[index + 1], ARGV[index + 2]
  local request = request_in(packed)
  if request['for'] then
    local tail = select(10, struct.unpack(HEAD, packed))
    local more = cjson.decode(string.sub(packed, tail))
    more.until_ms = now + tonumber(ARGV[1])
    packed = string.sub(packed, 1, tail - 1) .. cjson.encode(more)
  end
  local before = redis.call('HGET', REQUESTS, id)
  redis.call('HSET', REQUESTS, id, packed)
  if before then
    local line = request_in(before).line
    if line ~= request.line then
      redis.call('ZREM', LINES .. line, id)
      redis.call('HINCRBY', OPEN, line, -1)
      redis.call('HINCRBY', OPEN, request.line, 1)
    end
    local leases = without_lapsed(leases_of(id), now)
    if done_by ~= '' then leases[done_by] = nil end
    settle(id, request, leases)
  else
    redis.call('SADD', PARTITION .. request.partition, id)
    redis.call('HINCRBY', OPEN, request.line, 1)
    if request.group ~= '' then redis.call('SADD', GROUPS .. request.group, id) end
    stand(id, request, true)
  end
end
return (#ARGV - 1) / 3
