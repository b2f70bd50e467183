#!lua name=signalbox_retained

--[[
Retained messages. The addresses of a bucket and all that is known of them:

  {rt7}:messages   hash        address -> 16 digits of its revision, then the message
  {rt7}:addresses  sorted set  address, all with score 0: found by what they begin with
  {rt7}:expiries   sorted set  address -> millisecond at which its time-to-live is over; only of those that have one
  {rt7}:state      hash        'bytes' -> sum of addresses and messages; 'revision' -> the last one given

A revision is a time in microseconds, or one more than the last of its bucket, whichever is greater: it never goes back, even
when the clock does or the address was empty meanwhile. Numbers are doubles here, and exact up to 2^53: until the year 2255.
Effects of a function are one transaction in the append-only file.
]]

local REVISION_DIGITS = 16
-- Expired ones that one call removes.
local MAX_PURGED = 1000

local function text(number)
  return string.format('%.0f', number)
end

local function now_micros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function next_revision(state, now)
  local revision = math.max(now, tonumber(redis.call('HGET', state, 'revision') or 0) + 1)
  redis.call('HSET', state, 'revision', text(revision))
  return revision
end

local function size(keys)
  return redis.call('HLEN', keys[1]), tonumber(redis.call('HGET', keys[4], 'bytes') or 0)
end

-- Bytes of what is at the address, 0 when there is nothing.
local function bytes_at(keys, address)
  local record = redis.call('HSTRLEN', keys[1], address)
  return record == 0 and 0 or record - REVISION_DIGITS + #address
end

local function drop(keys, address)
  local bytes = bytes_at(keys, address)
  if bytes > 0 then
    redis.call('HDEL', keys[1], address)
    redis.call('ZREM', keys[2], address)
    redis.call('ZREM', keys[3], address)
    redis.call('HINCRBY', keys[4], 'bytes', text(-bytes))
  end
end

local function purge_expired(keys, now, most)
  local over = redis.call('ZRANGE', keys[3], '-inf', '(' .. text(math.floor(now / 1000)), 'BYSCORE', 'LIMIT', 0, most)
  for _, address in ipairs(over) do
    drop(keys, address)
  end
end

--[[
KEYS 1 messages, 2 addresses, 3 expiries, 4 state
ARGV 1 address, 2 message, 3 time-to-live in milliseconds or 0, 4 most messages, 5 most bytes of the bucket
Answers revision, messages and bytes of the bucket. Error FULL: nothing was put; what takes no more room than what it
replaces is never refused.
]]
local function put(keys, args)
  local address, message, ttl = args[1], args[2], tonumber(args[3])
  local now = now_micros()
  purge_expired(keys, now, MAX_PURGED)
  local before = bytes_at(keys, address)
  local messages, bytes = size(keys)
  local added = #address + #message - before
  if (before == 0 and messages >= tonumber(args[4])) or (added > 0 and bytes + added > tonumber(args[5])) then
    return redis.error_reply('FULL no room in the bucket')
  end
  local revision = next_revision(keys[4], now)
  redis.call('HSET', keys[1], address, string.format('%0' .. REVISION_DIGITS .. '.0f', revision) .. message)
  redis.call('HINCRBY', keys[4], 'bytes', text(added))
  if before == 0 then
    redis.call('ZADD', keys[2], 0, address)
  end
  if ttl > 0 then
    redis.call('ZADD', keys[3], text(math.floor(now / 1000) + ttl), address)
  else
    redis.call('ZREM', keys[3], address)
  end
  return { revision, before == 0 and messages + 1 or messages, bytes + added }
end

--[[
KEYS 1 messages, 2 addresses, 3 expiries, 4 state
ARGV 1 address
Answers revision of the removal, messages and bytes of the bucket.
]]
local function remove(keys, args)
  drop(keys, args[1])
  local revision = next_revision(keys[4], now_micros())
  local messages, bytes = size(keys)
  return { revision, messages, bytes }
end

--[[
KEYS 1 messages
ARGV 1 most bytes (one is answered in any case), then addresses
Answers how many addresses were looked at, then address and record of each that is there.
]]
local function fetch(keys, args)
  local room = tonumber(args[1])
  local answer = { 0 }
  for i = 2, #args do
    local bytes = redis.call('HSTRLEN', keys[1], args[i])
    room = room - bytes
    if room < 0 and #answer > 1 then
      return answer
    end
    if bytes > 0 then
      answer[#answer + 1] = args[i]
      answer[#answer + 1] = redis.call('HGET', keys[1], args[i])
    end
    answer[1] = i - 1
  end
  return answer
end

--[[
KEYS 1 messages, 2 addresses, 3 expiries, 4 state
Answers messages and bytes of the bucket, after expired ones were removed.
]]
local function purge(keys, args)
  purge_expired(keys, now_micros(), MAX_PURGED)
  return { size(keys) }
end

-- What makes room must work when Redis is out of memory, too.
redis.register_function { function_name = 'retained_put', callback = put }
redis.register_function { function_name = 'retained_remove', callback = remove, flags = { 'allow-oom' } }
redis.register_function { function_name = 'retained_purge', callback = purge, flags = { 'allow-oom' } }
redis.register_function { function_name = 'retained_fetch', callback = fetch, flags = { 'no-writes' } }
