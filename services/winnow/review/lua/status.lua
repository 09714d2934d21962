-- Returns {JSON {line: open}, JSON {reviewer: leased}, requests with a lease, standing in line, near-duplicates that
-- wait}. Takes nothing, and counts no lease that has lapsed.
local now = now_ms()
local open, waiting = {}, redis.call('ZCARD', KIN)
local counts = redis.call('HGETALL', OPEN)
for index = 1, #counts, 2 do
  if tonumber(counts[index + 1]) > 0 then open[counts[index]] = tonumber(counts[index + 1]) end
  waiting = waiting + redis.call('ZCARD', LINES .. counts[index])
end
local by, leased = {}, 0
local leases = redis.call('HGETALL', LEASES)
for index = 1, #leases, 2 do
  local is_held = false
  for reviewer, lapses in pairs(cjson.decode(leases[index + 1])) do
    if lapses > now then
      by[reviewer] = (by[reviewer] or 0) + 1
      is_held = true
    end
  end
  if is_held then leased = leased + 1 end
end
return {cjson.encode(open), cjson.encode(by), leased, waiting, redis.call('HLEN', BEHIND)}
