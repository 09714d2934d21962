-- What all scripts of the queue share. KEYS are always the same:
local REQUESTS, LINES, LEASES, LAPSES, PARTITION, CLOSED, MARKS, OPEN, KIN, BEHIND, GROUPS, RING, ASKED, PAUSE = unpack(KEYS)
-- REQUESTS   hash: request id -> what `queue_entries.py` packs; absent: not open
-- LINES      prefix of sorted sets by place: ids that somebody may still lease, by line (reason and label, or blind)
-- LEASES     hash: request id -> JSON {reviewer: time in ms at which the lease lapses}
-- LAPSES     sorted set: request id -> the next time at which one of its leases lapses
-- PARTITION  prefix of sets: the ids of one partition number
-- CLOSED     prefix of keys that live for a while: the partition number of a request closed lately
-- MARKS      hash: partition number -> mark of the worker that filled it in
-- OPEN       hash: line -> how many of its requests are open
-- KIN        sorted set by place: near-duplicates that somebody may lease when there is nothing else
-- BEHIND     hash: near-duplicate -> the request whose answer it waits for
-- GROUPS     prefix of sets: the open ids of one document
-- RING       string: what was asked lately, a slot each (`core/choice.py`)
-- ASKED      hash: slot -> request id, and `count` -> how many were asked in all
-- PAUSE      JSON {is_paused, by, at, note}; absent: Redis has lost its memory, or nobody ever paused

local HEAD = '>I4I8dBBc40Hc0Hc0Hc0'
local HEAD_BYTES, PLACE_AT, WANTED_AT, FLAGS_AT = 62, 13, 21, 22
local BEGUN, MORE, LAPSED = 4, 8, 16
-- Whose lease lapsed comes before all that was never given out, and after what somebody took back (`RESERVED_PLACES`).
local LAPSED_PLACES = 1e5

local function has(flags, bit)
  return math.floor(flags / bit) % 2 == 1
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function request_in(packed)
  local request = {packed = packed, seen = {}}
  local partition, offset, place, wanted, flags, sketch, line, record, group, tail = struct.unpack(HEAD, packed)
  request.partition, request.place, request.wanted, request.flags = partition, place, wanted, flags
  request.line, request.group = line, group
  if tail <= #packed then
    local more = cjson.decode(string.sub(packed, tail))
    request.seen, request['for'], request.until_ms = more.seen or {}, more['for'], more.until_ms
  end
  return request
end

local function request_of(id)
  local packed = redis.call('HGET', REQUESTS, id)
  return packed and request_in(packed)
end

local function leases_of(id)
  local text = redis.call('HGET', LEASES, id)
  return text and cjson.decode(text) or {}
end

local function without_lapsed(leases, now)
  local kept = {}
  for reviewer, lapses in pairs(leases) do
    if lapses > now then kept[reviewer] = lapses end
  end
  return kept
end

local function count(leases)
  local number = 0
  for _ in pairs(leases) do number = number + 1 end
  return number
end

local function has_seen(request, reviewer)
  for _, name in ipairs(request.seen) do
    if name == reviewer then return true end
  end
  return false
end

-- Whether this reviewer may lease it now.
local function may_have(id, request, reviewer, now)
  if has_seen(request, reviewer) then return false end
  local leases = leases_of(id)
  if leases[reviewer] or count(without_lapsed(leases, now)) >= request.wanted then return false end
  return not request['for'] or request['for'] == reviewer or request.until_ms <= now
end

-- Stands in its line, or among the near-duplicates, or nowhere.
local function stand(id, request, in_line)
  if not in_line then
    redis.call('ZREM', LINES .. request.line, id)
    redis.call('ZREM', KIN, id)
  elseif redis.call('HEXISTS', BEHIND, id) == 1 then
    redis.call('ZADD', KIN, request.place, id)
  else
    redis.call('ZADD', LINES .. request.line, request.place, id)
  end
end

-- Writes the leases of a request down, and whether it stands in line.
local function settle(id, request, leases)
  local first = nil
  for _, lapses in pairs(leases) do
    if not first or lapses < first then first = lapses end
  end
  if first then
    redis.call('HSET', LEASES, id, cjson.encode(leases))
    redis.call('ZADD', LAPSES, first, id)
  else
    redis.call('HDEL', LEASES, id)
    redis.call('ZREM', LAPSES, id)
  end
  stand(id, request, count(leases) < request.wanted)
end

local function lease_to(reviewer, id, request, lapses)
  local leases = leases_of(id)
  leases[reviewer] = lapses
  settle(id, request, leases)
  return {id, request.packed, tostring(lapses)}
end

-- As it stands once a lease has lapsed: it has waited already, and was asked, so it waits for no near-duplicate.
local function lapsed(id, request)
  if has(request.flags, LAPSED) then return request end
  local flags = request.flags + LAPSED + (has(request.flags, BEGUN) and 0 or BEGUN)
  local place = struct.pack('>d', request.place + LAPSED_PLACES)
  local before, between = string.sub(request.packed, 1, PLACE_AT - 1), string.sub(request.packed, WANTED_AT, FLAGS_AT - 1)
  local packed = before .. place .. between .. string.char(flags) .. string.sub(request.packed, FLAGS_AT + 1)
  redis.call('HSET', REQUESTS, id, packed)
  redis.call('HDEL', BEHIND, id)
  redis.call('ZREM', KIN, id)
  return request_in(packed)
end

-- Puts everything back in line whose lease has lapsed.
local function take_back_lapsed(now)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', LAPSES, '-inf', now, 'LIMIT', 0, 1000)) do
    local request = request_of(id)
    if request then
      settle(id, lapsed(id, request), without_lapsed(leases_of(id), now))
    else
      redis.call('ZREM', LAPSES, id)
      redis.call('HDEL', LEASES, id)
    end
  end
end
