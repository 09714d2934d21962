-- ARGV: reviewer, then request ids. Puts them back in line; returns how many the reviewer held.
local now, released = now_ms(), 0
for index = 2, #ARGV do
  local id = ARGV[index]
  local request, leases = request_of(id), without_lapsed(leases_of(id), now)
  if request and leases[ARGV[1]] then
    leases[ARGV[1]] = nil
    settle(id, request, leases)
    released = released + 1
  end
end
return released
