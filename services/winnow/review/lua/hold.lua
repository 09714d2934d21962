-- ARGV: reviewer, lease in ms, 'take' or 'keep', request id. Holds the request for its reviewer from now on.
-- 'keep' (renewal) wants a lease that has not lapsed; 'take' (an answer) also one that lapsed and nobody took since.
-- Returns {'held', lapses at, packed}, {'lost'} when it is another's, {'closed'} or {'unknown'}.
local reviewer, lease, manner, id = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local now = now_ms()
local request = request_of(id)
if not request then return {redis.call('EXISTS', CLOSED .. id) == 1 and 'closed' or 'unknown'} end

local leases = leases_of(id)
local held = leases[reviewer]
local others = without_lapsed(leases, now)
others[reviewer] = nil
local is_free = count(others) < request.wanted and not has_seen(request, reviewer)
if (manner == 'keep' and not (held and held > now)) or not is_free then return {'lost'} end

others[reviewer] = now + lease
settle(id, request, others)
return {'held', tostring(now + lease), request.packed}
