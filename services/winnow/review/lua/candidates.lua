-- ARGV: reviewer, how many, how far to look, how many near-duplicates at least, then lines ('' stands for all).
-- Returns {pause, ring, how many were asked, blind ones open, all open, candidates, near-duplicates}: candidates with
-- the first in line first, each an id and the head of what is packed; near-duplicates are those whose forerunner is
-- closed, and looked for only when there are not enough others.
local reviewer, wanted, reach, least = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local now = now_ms()
take_back_lapsed(now)

local open, blind, lines, chosen_lines = 0, 0, {}, nil
if ARGV[5] then
  chosen_lines = {}
  for index = 5, #ARGV do chosen_lines[ARGV[index]] = true end
end
local counts = redis.call('HGETALL', OPEN)
for index = 1, #counts, 2 do
  local number = tonumber(counts[index + 1])
  open = open + number
  if counts[index] == '' then blind = number end
  if number > 0 and (not chosen_lines or chosen_lines[counts[index]]) then lines[#lines + 1] = counts[index] end
end

local answer = {redis.call('GET', PAUSE) or '', redis.call('GET', RING) or '', redis.call('HGET', ASKED, 'count') or '0', tostring(blind), tostring(open)}
local candidates, kin = {}, {}

local function told(id, packed)
  return struct.pack('>Hc0', #id, id) .. string.sub(packed, 1, HEAD_BYTES)
end

-- Of most in line nobody holds or has seen anything: that shows without reading all of it.
local function is_fresh(packed)
  return string.byte(packed, WANTED_AT) == 1 and not has(string.byte(packed, WANTED_AT + 1), MORE)
end

-- The best of all lines, a piece at a time: the next piece begins where the worst of this one could stand.
local function look(from)
  local best, is_more = {}, false
  local piece = math.max(8, math.ceil(wanted / math.max(1, #lines)) * 2)
  for _, line in ipairs(lines) do
    local at = from[line] or 0
    local found = redis.call('ZREVRANGE', LINES .. line, at, at + piece - 1, 'WITHSCORES')
    for index = 1, #found, 2 do
      best[#best + 1] = {found[index], tonumber(found[index + 1]), line}
    end
    if #found == 2 * piece then is_more = true end
  end
  table.sort(best, function(one, other) return one[2] > other[2] end)
  return best, is_more, piece
end

local from, seen, is_more = {}, 0, true
while is_more and seen < reach and #candidates < wanted do
  local best, piece
  best, is_more, piece = look(from)
  local taken = {}
  for _, each in ipairs(best) do
    local id, line = each[1], each[3]
    seen = seen + 1
    taken[line] = (taken[line] or 0) + 1
    local packed = redis.call('HGET', REQUESTS, id)
    if packed and (is_fresh(packed) or may_have(id, request_in(packed), reviewer, now)) then
      candidates[#candidates + 1] = told(id, packed)
    end
    if taken[line] == piece or #candidates >= wanted then break end
  end
  for line, number in pairs(taken) do from[line] = (from[line] or 0) + number end
end

local at = 0
while #candidates + #kin < least and at < reach do
  local ids = redis.call('ZREVRANGE', KIN, at, at + 99)
  if #ids == 0 then break end
  for _, id in ipairs(ids) do
    local request = request_of(id)
    local is_ours = request and (not chosen_lines or chosen_lines[request.line])
    if is_ours and #candidates + #kin < least and may_have(id, request, reviewer, now) then
      local forerunner = redis.call('HGET', BEHIND, id)
      if redis.call('HEXISTS', REQUESTS, forerunner) == 0 then kin[#kin + 1] = told(id, request.packed) end
    end
  end
  at = at + 100
end
answer[#answer + 1] = table.concat(candidates)
answer[#answer + 1] = table.concat(kin)
return answer
