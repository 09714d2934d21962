-- ARGV: reviewer, how many, lease in ms, how far to look. Returns {id, JSON, lapses at} for each leased request.
local reviewer, wanted, lease, reach = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local now = now_ms()
take_back_lapsed(now)

local function may_have(id, request)
  if has_seen(request, reviewer) or leases_of(id)[reviewer] then return false end
  return not request['for'] or request['for'] == reviewer or request.until_ms <= now
end

local chosen, from = {}, 0
while #chosen < wanted and from < reach do
  local ids = redis.call('ZREVRANGE', LINE, from, from + 99)
  if #ids == 0 then break end
  for _, id in ipairs(ids) do
    local request = request_of(id)
    if #chosen < wanted and request and may_have(id, request) then
      chosen[#chosen + 1] = {id, request}
    end
  end
  from = from + 100
end

local leased = {}
for _, pair in ipairs(chosen) do
  local id, request = pair[1], pair[2]
  local leases = leases_of(id)
  leases[reviewer] = now + lease
  settle(id, request, leases)
  leased[#leased + 1] = {id, cjson.encode(request), tostring(now + lease)}
end
return leased
