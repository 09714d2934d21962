-- ARGV: reviewer, how many, lease in ms, how many candidates, how many slots, then for each candidate in the order
-- of preference {id, as it will be remembered or ''}, then for each near-duplicate {id, forerunner or '', its slot}.
-- Returns {id, packed, lapses at} for each that is leased: the first ones that are free.
local reviewer, wanted, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local candidates, slots = tonumber(ARGV[4]), tonumber(ARGV[5])
local now = now_ms()
local leased = {}

local function remember(id, entry)
  if entry == '' then return end
  local slot = (redis.call('HINCRBY', ASKED, 'count', 1) - 1) % slots
  redis.call('SETRANGE', RING, slot * #entry, entry)
  redis.call('HSET', ASKED, slot, id)
end

for index = 6, 5 + 2 * candidates, 2 do
  if #leased == wanted then break end
  local id = ARGV[index]
  local request = request_of(id)
  if request and may_have(id, request, reviewer, now) then
    leased[#leased + 1] = lease_to(reviewer, id, request, now + lease)
    remember(id, ARGV[index + 1])
  end
end

for index = 6 + 2 * candidates, #ARGV, 3 do
  local id, forerunner = ARGV[index], ARGV[index + 1]
  if forerunner == '' then forerunner = redis.call('HGET', ASKED, ARGV[index + 2]) end
  local request = request_of(id)
  if request and forerunner and forerunner ~= id then
    redis.call('HSET', BEHIND, id, forerunner)
    redis.call('ZREM', LINES .. request.line, id)
    redis.call('ZADD', KIN, request.place, id)
  end
end
return leased
