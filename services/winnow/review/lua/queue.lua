-- What all scripts of the queue share. KEYS are always the same:
local REQUESTS, LINE, LEASES, LAPSES, PARTITION, CLOSED, MARKS = unpack(KEYS)
-- REQUESTS   hash: request id -> JSON {p, o, r, place, wanted, seen, for, until_ms}; absent: nobody, nothing
-- LINE       sorted set by place: ids that somebody may still lease
-- LEASES     hash: request id -> JSON {reviewer: time in ms at which the lease lapses}
-- LAPSES     sorted set: request id -> the next time at which one of its leases lapses
-- PARTITION  prefix of sets: the ids of one partition number
-- CLOSED     prefix of keys that live for an hour: the partition number of a request closed lately
-- MARKS      hash: partition number -> mark of the worker that filled it in

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function request_of(id)
  local text = redis.call('HGET', REQUESTS, id)
  if not text then return nil end
  local request = cjson.decode(text)
  request.seen = request.seen or {}
  return request
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
  if count(leases) < request.wanted then
    redis.call('ZADD', LINE, request.place, id)
  else
    redis.call('ZREM', LINE, id)
  end
end

-- Puts everything back in line whose lease has lapsed.
local function take_back_lapsed(now)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', LAPSES, '-inf', now, 'LIMIT', 0, 1000)) do
    local request = request_of(id)
    if request then
      settle(id, request, without_lapsed(leases_of(id), now))
    else
      redis.call('ZREM', LAPSES, id)
      redis.call('HDEL', LEASES, id)
    end
  end
end
