#!lua name=signalbox_mailbox

--[[
Durable mailboxes. All keys of a mailbox and of its shard begin with the shard's tag:

  {mb17}:index           sorted set  agent -> last position of its mailbox, while something waits in it;
                                     '' -> the highest position of the mailboxes that are gone
  {mb17}:AGENT:log       hash        position -> digit of how often it counts as handed out by its append, then the message;
                                     'bytes' -> their sum
  {mb17}:AGENT:urgent    sorted set  id of the message -> position; so are :normal and :bulk
  {mb17}:AGENT:claims    hash        position -> how often it was claimed; only of what was claimed

A position is a time in microseconds, or a little more than the last of its shard, whichever is greater: it never goes back,
even when the clock does and the mailbox was gone meanwhile. Numbers are doubles here, and exact up to 2^53: until the year 2255.
Effects of a function are one transaction in the append-only file.

A *history* is what one run of a server has seen, a number that is never 0. A replica that takes over may lack what came last,
and for a while the former primary may go on beside it, so positions of two histories say nothing of each other. Those that two
servers give at the same time should differ: who has done with one must not delete the other. So a position has the last three
bits of the history.
]]

local LANES = { 'urgent', 'normal', 'bulk' }

local history

-- Asked once: it stays so as long as the server runs.
local function this_history()
  if not history then
    local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
    history = tonumber(string.sub(run, 1, 12), 16) + 1
  end
  return history
end

local function text(position)
  return string.format('%.0f', position)
end

local function last_position(index)
  return tonumber(redis.call('ZRANGE', index, 0, 0, 'REV', 'WITHSCORES')[2] or 0)
end

local function next_position(index)
  local time = redis.call('TIME')
  local least = math.max(time[1] * 1000000 + time[2], last_position(index) + 1)
  return least + (this_history() - least) % 8
end

-- Notes one more handing out of each, answers the attempts.
local function count_claims(log, claims, positions, records)
  local counted = redis.call('HMGET', claims, unpack(positions))
  local attempts, changes = {}, {}
  for i, position in ipairs(positions) do
    if records[i] then
      local claimed = (tonumber(counted[i]) or 0) + 1
      attempts[i] = tonumber(string.sub(records[i], 1, 1)) + claimed
      changes[#changes + 1] = position
      changes[#changes + 1] = claimed
    end
  end
  if #changes > 0 then
    redis.call('HSET', claims, unpack(changes))
  end
  return attempts
end

-- Adds lane, position, attempt and message of each that is there.
local function hand_out(answer, log, claims, lanes, positions)
  if #positions == 0 then
    return answer
  end
  local records = redis.call('HMGET', log, unpack(positions))
  local attempts = count_claims(log, claims, positions, records)
  for i, position in ipairs(positions) do
    if records[i] then
      answer[#answer + 1] = tonumber(lanes[i])
      answer[#answer + 1] = tonumber(position)
      answer[#answer + 1] = attempts[i]
      answer[#answer + 1] = string.sub(records[i], 2)
    end
  end
  return answer
end

-- An append of what waits already: it stays as it is. A further live copy counts as handed out.
local function repeated(log, lane, claims, position, live)
  local before = redis.call('ZRANGE', lane, '(' .. position, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1, 'WITHSCORES')
  local handed = tonumber(string.sub(redis.call('HGET', log, position), 1, 1))
  local claimed = tonumber(redis.call('HGET', claims, position) or 0)
  if live then
    redis.call('HINCRBY', claims, position, 1)
  end
  return { tonumber(position), tonumber(before[2] or 0), handed + claimed + 1, 1, this_history() }
end

--[[
KEYS 1 index, 2 log, 3 sorted set of the lane, 4 claims
ARGV 1 agent, 2 id, 3 message, 4 '1': a copy is handed out, 5 '1': an earlier append has an unknown outcome,
     6 most messages, 7 most bytes of the mailbox
Answers position, position of the one before it in its lane or 0, attempt, 1 when it was there, history.
Error FULL: nothing was appended.
]]
local function append(keys, args)
  local index, log, lane, claims = keys[1], keys[2], keys[3], keys[4]
  local agent, id, message, live, again = args[1], args[2], args[3], args[4] == '1', args[5] == '1'
  local there = redis.call('ZSCORE', lane, id)
  if there then
    return repeated(log, lane, claims, there, live)
  end
  local bytes = tonumber(redis.call('HGET', log, 'bytes') or 0) + #message
  local messages = math.max(redis.call('HLEN', log), 1)
  if messages > tonumber(args[6]) or bytes > tonumber(args[7]) then
    return redis.error_reply('FULL the mailbox has ' .. text(messages - 1) .. ' messages of '
      .. text(bytes - #message) .. ' bytes')
  end
  local position = next_position(index)
  local before = redis.call('ZRANGE', lane, 0, 0, 'REV', 'WITHSCORES')
  local handed = (live and 1 or 0) + (again and 1 or 0)
  redis.call('HSET', log, text(position), handed .. message, 'bytes', text(bytes))
  redis.call('ZADD', lane, text(position), id)
  redis.call('ZADD', index, text(position), agent)
  return { position, tonumber(before[2] or 0), handed + (live and 0 or 1), 0, this_history() }
end

--[[
KEYS 1 index, 2 log, 3 claims, 4 urgent, 5 normal, 6 bulk
ARGV 1 history, 2 to 4 positions of it to begin after in each lane, 5 most entries, 6 most bytes (one entry is answered in
     any case). Of another history all is answered.
Answers 1 when there is more, the last position of the shard, history, then lane (1 to 3), position, attempt and message of
each.
]]
local function claim(keys, args)
  local last, log, claims = last_position(keys[1]), keys[2], keys[3]
  local known = tonumber(args[1]) == this_history()
  local room, bytes = tonumber(args[5]), tonumber(args[6])
  local lanes, positions = {}, {}
  for lane = 1, #LANES do
    local found = redis.call('ZRANGE', keys[3 + lane], '(' .. (known and args[1 + lane] or '0'), '+inf', 'BYSCORE',
      'LIMIT', 0, room - #positions + 1, 'WITHSCORES')
    for i = 2, #found, 2 do
      bytes = bytes - redis.call('HSTRLEN', log, found[i]) + 1
      if #positions == room or (bytes < 0 and #positions > 0) then
        return hand_out({ 1, last, history }, log, claims, lanes, positions)
      end
      lanes[#lanes + 1] = lane
      positions[#positions + 1] = found[i]
    end
  end
  return hand_out({ 0, last, history }, log, claims, lanes, positions)
end

--[[
KEYS 1 log, 2 claims
ARGV lane (1 to 3) and position of each, at most 1000
Answers 0, 0 and the history, then as claim.
]]
local function claim_again(keys, args)
  local lanes, positions = {}, {}
  for i = 1, #args, 2 do
    lanes[#lanes + 1] = args[i]
    positions[#positions + 1] = args[i + 1]
  end
  return hand_out({ 0, 0, this_history() }, keys[1], keys[2], lanes, positions)
end

--[[
KEYS 1 index, 2 log, 3 claims, 4 urgent, 5 normal, 6 bulk
ARGV 1 agent, then lane (1 to 3) and position of each, at most 1000
Answers how many were there. With the last one all keys of the mailbox go.
]]
local function delete(keys, args)
  local index, log, claims, agent = keys[1], keys[2], keys[3], args[1]
  local deleted, bytes = {}, 0
  for i = 2, #args, 2 do
    local position = args[i + 1]
    if redis.call('ZREMRANGEBYSCORE', keys[3 + args[i]], position, position) == 1 then
      deleted[#deleted + 1] = position
      bytes = bytes + redis.call('HSTRLEN', log, position) - 1
    end
  end
  if #deleted == 0 then
    return 0
  end
  if redis.call('HLEN', log) == #deleted + 1 then
    redis.call('DEL', log, claims)
    redis.call('ZADD', index, 'GT', redis.call('ZSCORE', index, agent), '')
    redis.call('ZREM', index, agent)
  else
    redis.call('HDEL', log, unpack(deleted))
    redis.call('HDEL', claims, unpack(deleted))
    redis.call('HINCRBY', log, 'bytes', text(-bytes))
  end
  return #deleted
end

--[[
KEYS 1 log, 2 urgent, 3 normal, 4 bulk
Answers messages, bytes, position of the oldest or 0.
]]
local function pending(keys, args)
  local oldest = 0
  for lane = 1, #LANES do
    local first = tonumber(redis.call('ZRANGE', keys[1 + lane], 0, 0, 'WITHSCORES')[2] or 0)
    if first > 0 and (oldest == 0 or first < oldest) then
      oldest = first
    end
  end
  return { math.max(redis.call('HLEN', keys[1]) - 1, 0), tonumber(redis.call('HGET', keys[1], 'bytes') or 0), oldest }
end

--[[
KEYS 1 index
ARGV 1 what an earlier call answered first, or 0
Answers the last position of the shard, the history, then agent and its last positions in the three lanes (0: empty) of each to which
something was appended after that position. The keys of its mailboxes are made here: they have the tag of the index.
]]
local function changed(keys, args)
  local index = keys[1]
  local shard = string.sub(index, 1, -1 - #'index')
  local last = last_position(index)
  -- Positions went back: this is another Redis, or it lost its data.
  local since = last < tonumber(args[1]) and '0' or args[1]
  local answer = { last, this_history() }
  for _, agent in ipairs(redis.call('ZRANGE', index, '(' .. since, '+inf', 'BYSCORE')) do
    if agent ~= '' then
      answer[#answer + 1] = agent
      for _, lane in ipairs(LANES) do
        local newest = redis.call('ZRANGE', shard .. agent .. ':' .. lane, 0, 0, 'REV', 'WITHSCORES')
        answer[#answer + 1] = tonumber(newest[2] or 0)
      end
    end
  end
  return answer
end

-- What drains a mailbox must work when Redis is out of memory, too.
redis.register_function { function_name = 'mailbox_append', callback = append }
redis.register_function { function_name = 'mailbox_claim', callback = claim, flags = { 'allow-oom' } }
redis.register_function { function_name = 'mailbox_claim_again', callback = claim_again, flags = { 'allow-oom' } }
redis.register_function { function_name = 'mailbox_delete', callback = delete, flags = { 'allow-oom' } }
redis.register_function { function_name = 'mailbox_pending', callback = pending, flags = { 'no-writes' } }
redis.register_function { function_name = 'mailbox_changed', callback = changed, flags = { 'no-writes' } }
