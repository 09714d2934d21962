-- ARGV: partition number, the mark that must still stand, the mark that replaces it.
if redis.call('HGET', MARKS, ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', MARKS, ARGV[1], ARGV[3])
return 1
