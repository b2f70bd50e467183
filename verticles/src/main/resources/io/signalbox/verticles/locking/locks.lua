#!lua name=signalbox_locks

--[[
Locks. All keys of a lock and of its shard begin with the shard's tag:

  {lk7}:shard        hash        'epoch', 'counter' -> the last token; 'history' -> where the epoch holds; 'arrival' -> the last one;
                                 'candidate' -> who is about to begin an epoch, and in which history
  {lk7}:due          sorted set  name -> millisecond at which the first of the lock's leases is over
  {lk7}:names        sorted set  name, all with score 0: of the locks that somebody holds or waits for
  {lk7}:NAME:claims  hash        owner -> record of its claim
  {lk7}:NAME:holders sorted set  owner -> its priority
  {lk7}:NAME:queue   sorted set  owner -> its rank: arrival in microseconds less a head start for each step of priority
  {lk7}:NAME:leases  sorted set  owner, holder or waiter -> millisecond at which it is over

An owner has one claim of a lock: it holds or it waits. A rank never changes, so who waits long overtakes those of higher
priority that come later, and a grant costs the logarithm of those that wait.

A token is an epoch and a counter. An epoch comes from PostgreSQL and is of one shard and one *history*: what one primary did
without interruption, named by its replication id. A server that was started again, one that was promoted, and one that lost its data
are another history, and grant nothing before an epoch was taken that is greater than all before.

Each function's first key is the shard; the others are made here, they have its tag. Effects of a function are one transaction in
the append-only file. Events are told to agents by the node that called: kind, name, owner, tag, epoch, counter, lease, and
how many milliseconds one waited that was granted the lock.
]]

local GRANTED, REVOKED, LAPSED, GAVE_UP = 1, 2, 3, 4
local NONE, HELD, WAITING, FULL, CONFLICT = 0, 1, 2, 3, 4
local MAX_COUNTER = 4294967295
-- Claims that one call ends or grants; the sweep goes on with the rest.
local MOST = 100

local function text(number)
  return string.format('%.0f', number)
end

-- Micro- and milliseconds.
local function clock()
  local time = redis.call('TIME')
  local at = time[1] * 1000000 + time[2]
  return at, math.floor(at / 1000)
end

local function history()
  return string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
end

-- Nil when tokens may be given, else the error.
local function epoch_error(shard)
  local known = redis.call('HMGET', shard, 'epoch', 'history', 'counter')
  if known[1] and known[2] == history() and tonumber(known[3]) < MAX_COUNTER - MOST then
    return nil
  end
  return redis.error_reply('EPOCH a new one is needed')
end

local function keys_of(shard, name)
  local tag = string.sub(shard, 1, -1 - #'shard')
  local lock = tag .. name
  return {
    shard = shard, name = name, due = tag .. 'due', names = tag .. 'names',
    claims = lock .. ':claims', holders = lock .. ':holders', queue = lock .. ':queue', leases = lock .. ':leases',
  }
end

local FIELDS = { 'mode', 'limit', 'priority', 'lease', 'since', 'deadline', 'epoch', 'counter', 'tag' }

local function write(lock, owner, claim)
  local values = {}
  for i, field in ipairs(FIELDS) do
    values[i] = claim[field]
  end
  redis.call('HSET', lock.claims, owner, table.concat(values, ' '))
end

-- Of an owner that has one. Numbers stay texts, but for those that are counted with.
local function read(lock, owner)
  local record = redis.call('HGET', lock.claims, owner)
  if not record then
    return nil
  end
  local claim, i = {}, 0
  for value in string.gmatch(record, '%S+') do
    i = i + 1
    claim[FIELDS[i]] = value
  end
  return claim
end

local function lease_of(lock, owner)
  return tonumber(redis.call('ZSCORE', lock.leases, owner) or 0)
end

local function holds(lock, owner)
  return redis.call('ZSCORE', lock.holders, owner)
end

local function remove(lock, owner)
  redis.call('HDEL', lock.claims, owner)
  redis.call('ZREM', lock.holders, owner)
  redis.call('ZREM', lock.queue, owner)
  redis.call('ZREM', lock.leases, owner)
end

local function tell(events, kind, lock, owner, claim)
  events[#events + 1] =
    { kind, lock.name, owner, claim.tag, claim.epoch, claim.counter, claim.lease, claim.waited or 0 }
end

-- Whether it can be held besides those that hold it.
local function fits(lock, mode, limit)
  local holding = redis.call('ZCARD', lock.holders)
  if holding == 0 then
    return true
  end
  local one = read(lock, redis.call('ZRANGE', lock.holders, 0, 0)[1])
  return one.mode == mode and holding < tonumber(limit)
end

local function grant(lock, owner, claim, now)
  claim.epoch = redis.call('HGET', lock.shard, 'epoch')
  claim.counter = text(redis.call('HINCRBY', lock.shard, 'counter', 1))
  claim.waited = now - tonumber(claim.since)
  claim.since = text(now)
  claim.deadline = '0'
  redis.call('ZREM', lock.queue, owner)
  redis.call('ZADD', lock.holders, claim.priority, owner)
  redis.call('ZADD', lock.leases, text(now + tonumber(claim.lease)), owner)
  write(lock, owner, claim)
end

-- Ends what is over.
local function lapse(lock, now, events)
  local over = redis.call('ZRANGE', lock.leases, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, MOST)
  for _, owner in ipairs(over) do
    tell(events, holds(lock, owner) and LAPSED or GAVE_UP, lock, owner, read(lock, owner))
    remove(lock, owner)
  end
end

-- To those that wait, in their order; one that is dead is passed over. True when there may be more to do.
local function hand_over(lock, now, events)
  for _ = 1, MOST do
    local owner = redis.call('ZRANGE', lock.queue, 0, 0)[1]
    if not owner then
      return false
    end
    local claim = read(lock, owner)
    if lease_of(lock, owner) <= now then
      tell(events, GAVE_UP, lock, owner, claim)
      remove(lock, owner)
    elseif fits(lock, claim.mode, claim.limit) then
      grant(lock, owner, claim, now)
      tell(events, GRANTED, lock, owner, claim)
    else
      return false
    end
  end
  return true
end

-- So that the sweep finds it, and the list.
local function index(lock, now, more)
  local first = redis.call('ZRANGE', lock.leases, 0, 0, 'WITHSCORES')[2]
  if first then
    redis.call('ZADD', lock.due, more and text(now) or first, lock.name)
    redis.call('ZADD', lock.names, 0, lock.name)
  else
    redis.call('ZREM', lock.due, lock.name)
    redis.call('ZREM', lock.names, lock.name)
  end
end

local function settle(lock, now, events)
  index(lock, now, hand_over(lock, now, events))
end

local function next_due(shard)
  local due = string.sub(shard, 1, -1 - #'shard') .. 'due'
  return tonumber(redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2] or 0)
end

-- Status, epoch, counter, milliseconds until when, how many wait before it.
local function standing(lock, owner, now)
  local claim = read(lock, owner)
  if not claim then
    return { NONE, '0', '0', 0, redis.call('ZCARD', lock.queue) }
  end
  local left = lease_of(lock, owner) - now
  if holds(lock, owner) then
    return { HELD, claim.epoch, claim.counter, left, 0 }
  end
  return { WAITING, '0', '0', left, redis.call('ZRANK', lock.queue, owner) }
end

-- Owners that have to give way, those of lowest priority first, or nil when one of them has no lower priority.
local function those_below(lock, mode, limit, priority)
  local holders = redis.call('ZRANGE', lock.holders, 0, -1, 'WITHSCORES')
  local holding = #holders / 2
  local many = read(lock, holders[1]).mode == mode and holding - limit + 1 or holding
  local victims = {}
  for i = 1, many do
    if tonumber(holders[2 * i]) >= priority then
      return nil
    end
    victims[i] = holders[2 * i - 1]
  end
  return victims
end

local function arrive(shard, at)
  local arrival = math.max(at, tonumber(redis.call('HGET', shard, 'arrival') or 0) + 1)
  redis.call('HSET', shard, 'arrival', text(arrival))
  return arrival
end

-- Repeated by an owner that has a claim: nil when it has none.
local function again(lock, owner, wanted, wait, now, events)
  local claim = read(lock, owner)
  if not claim then
    return nil
  end
  local holding = holds(lock, owner)
  if claim.mode ~= wanted.mode and not (holding and claim.mode == '1') then
    return { CONFLICT, '0', '0', 0, 0 }
  end
  claim.tag = wanted.tag
  if holding then
    write(lock, owner, claim)
    redis.call('ZADD', lock.leases, text(now + tonumber(wanted.lease)), owner)
  elseif wait == 0 then
    remove(lock, owner)
  else
    claim.deadline = text(now + wait)
    write(lock, owner, claim)
    redis.call('ZADD', lock.leases, text(now + math.min(wait, tonumber(wanted.lease))), owner)
  end
  settle(lock, now, events)
  return standing(lock, owner, now)
end

local function enqueue(lock, owner, wanted, rank, wait, now)
  wanted.since, wanted.deadline = text(now), text(now + wait)
  write(lock, owner, wanted)
  redis.call('ZADD', lock.queue, text(rank), owner)
  redis.call('ZADD', lock.leases, text(now + math.min(wait, tonumber(wanted.lease))), owner)
end

--[[
KEYS 1 shard
ARGV 1 name, 2 owner, 3 mode (1 exclusive, 2 shared, 3 permit), 4 most holders of that mode, 5 priority, 6 lease, 7 how long to
     wait, both in milliseconds, 8 '1': preempts, 9 tag, 10 head start of a step of priority in milliseconds,
     11 most waiters of a lock, 12 most locks of the shard
Answers the time in microseconds, the standing of the owner, and events; when the next lease of the shard is over.
]]
local function acquire(keys, args)
  local refused = epoch_error(keys[1])
  if refused then
    return refused
  end
  local lock, owner, events = keys_of(keys[1], args[1]), args[2], {}
  local at, now = clock()
  local wanted = {
    mode = args[3], limit = args[4], priority = args[5], lease = args[6], since = text(now), deadline = '0',
    epoch = '0', counter = '0', tag = args[9],
  }
  local wait = tonumber(args[7])
  lapse(lock, now, events)
  settle(lock, now, events)
  local repeated = again(lock, owner, wanted, wait, now, events)
  if repeated then
    return { at, repeated, events, next_due(keys[1]) }
  end
  if not redis.call('ZSCORE', lock.names, lock.name) and redis.call('ZCARD', lock.names) >= tonumber(args[12]) then
    return { at, { FULL, '0', '0', 0, 0 }, events, next_due(keys[1]) }
  end
  local rank = arrive(keys[1], at) - tonumber(wanted.priority) * tonumber(args[10]) * 1000
  local head = redis.call('ZRANGE', lock.queue, 0, 0, 'WITHSCORES')
  local first = not head[2] or rank < tonumber(head[2])
  local free = first and fits(lock, wanted.mode, wanted.limit)
  local victims = first and not free and args[8] == '1'
    and those_below(lock, wanted.mode, tonumber(wanted.limit), tonumber(wanted.priority))
  if victims then
    for _, victim in ipairs(victims) do
      tell(events, REVOKED, lock, victim, read(lock, victim))
      remove(lock, victim)
    end
  end
  if free or victims then
    grant(lock, owner, wanted, now)
  elseif wait > 0 then
    if redis.call('ZCARD', lock.queue) >= tonumber(args[11]) then
      return { at, { FULL, '0', '0', 0, redis.call('ZCARD', lock.queue) }, events, next_due(keys[1]) }
    end
    enqueue(lock, owner, wanted, rank, wait, now)
  end
  settle(lock, now, events)
  return { at, standing(lock, owner, now), events, next_due(keys[1]) }
end

local function is_of(claim, epoch, counter)
  return counter == '0' or (claim.epoch == epoch and claim.counter == counter)
end

--[[
KEYS 1 shard
ARGV 1 name, 2 owner, 3 epoch and 4 counter of its token, or 0 and 0: whatever it has
Answers as lock_acquire does. A claim under another token stays.
]]
local function release(keys, args)
  local refused = epoch_error(keys[1])
  if refused then
    return refused
  end
  local lock, owner, events = keys_of(keys[1], args[1]), args[2], {}
  local at, now = clock()
  lapse(lock, now, events)
  local claim = read(lock, owner)
  if claim and is_of(claim, args[3], args[4]) then
    remove(lock, owner)
  end
  settle(lock, now, events)
  return { at, standing(lock, owner, now), events, next_due(keys[1]) }
end

local function retag(lock, owner, claim, tag)
  if claim.tag ~= tag then
    claim.tag = tag
    write(lock, owner, claim)
  end
end

local function renew_one(lock, owner, epoch, counter, lease, tag, now)
  local claim = read(lock, owner)
  if not claim then
    return
  end
  retag(lock, owner, claim, tag)
  if not holds(lock, owner) then
    local deadline = tonumber(claim.deadline)
    redis.call('ZADD', lock.leases, text(math.min(deadline, now + tonumber(lease))), owner)
  elseif is_of(claim, epoch, counter) then
    redis.call('ZADD', lock.leases, text(now + tonumber(lease)), owner)
  end
end

--[[
KEYS 1 shard
ARGV name, owner, epoch and counter of the token or 0 and 0, lease in milliseconds, tag; of each claim, at most 200
Answers the time in microseconds, the standings in the same order, events, when the next lease of the shard is over. A waiter waits no longer than
it wanted to.
]]
local function renew(keys, args)
  local refused = epoch_error(keys[1])
  if refused then
    return refused
  end
  local events, standings = {}, {}
  local at, now = clock()
  for i = 1, #args, 6 do
    local lock = keys_of(keys[1], args[i])
    lapse(lock, now, events)
    renew_one(lock, args[i + 1], args[i + 2], args[i + 3], args[i + 4], args[i + 5], now)
    settle(lock, now, events)
    standings[#standings + 1] = standing(lock, args[i + 1], now)
  end
  return { at, standings, events, next_due(keys[1]) }
end

--[[
KEYS 1 shard
ARGV 1 most locks to look at
Ends what is over and hands it over. Answers the time in microseconds, events, when the next lease of the shard is over or 0, how many locks there are.
]]
local function sweep(keys, args)
  local shard = keys[1]
  local events = {}
  local at, now = clock()
  local tag = string.sub(shard, 1, -1 - #'shard')
  local due = redis.call('ZRANGE', tag .. 'due', '-inf', text(now), 'BYSCORE', 'LIMIT', 0, args[1])
  if #due > 0 then
    local refused = epoch_error(shard)
    if refused then
      return refused
    end
  end
  for _, name in ipairs(due) do
    local lock = keys_of(shard, name)
    lapse(lock, now, events)
    settle(lock, now, events)
  end
  return { at, events, next_due(shard), redis.call('ZCARD', tag .. 'names') }
end

local function describe(lock, owner)
  local claim = read(lock, owner)
  return {
    owner, tonumber(claim.mode), claim.limit, tonumber(claim.priority), claim.epoch, claim.counter, tonumber(claim.since),
    lease_of(lock, owner),
  }
end

local function look(lock, most_holders, most_waiters)
  local holders, waiters = {}, {}
  for i, owner in ipairs(redis.call('ZRANGE', lock.holders, 0, most_holders - 1)) do
    holders[i] = describe(lock, owner)
  end
  for i, owner in ipairs(redis.call('ZRANGE', lock.queue, 0, most_waiters - 1)) do
    waiters[i] = describe(lock, owner)
  end
  return { lock.name, redis.call('ZCARD', lock.holders), redis.call('ZCARD', lock.queue), holders, waiters }
end

--[[
KEYS 1 shard
ARGV 1 name, 2 most holders, 3 most waiters
Answers name, how many hold and wait, and of each owner, mode, limit, priority, epoch, counter, since when, until when.
]]
local function get(keys, args)
  return look(keys_of(keys[1], args[1]), tonumber(args[2]), tonumber(args[3]))
end

--[[
KEYS 1 shard
ARGV 1 name to begin after, 2 most locks to look at, 3 most holders and 4 most waiters of each, 5 '1': only those that somebody waits
     for
Answers as lock_get does for each, and last the name of the last one that was looked at, or '' when there is no more.
]]
local function list(keys, args)
  local tag = string.sub(keys[1], 1, -1 - #'shard')
  local from = args[1] == '' and '-' or '(' .. args[1]
  local names = redis.call('ZRANGE', tag .. 'names', from, '+', 'BYLEX', 'LIMIT', 0, args[2])
  local answer = {}
  for _, name in ipairs(names) do
    local lock = keys_of(keys[1], name)
    if args[5] ~= '1' or redis.call('EXISTS', lock.queue) == 1 then
      answer[#answer + 1] = look(lock, tonumber(args[3]), tonumber(args[4]))
    end
  end
  answer[#answer + 1] = #names == tonumber(args[2]) and names[#names] or ''
  return answer
end

--[[
Before an epoch is taken. KEYS 1 shard. ARGV 1 a name that nobody had before
]]
local function propose(keys, args)
  redis.call('HSET', keys[1], 'candidate', args[1] .. ' ' .. history())
  return 1
end

--[[
Begins an epoch that was taken after the proposal. KEYS 1 shard. ARGV 1 as proposed, 2 epoch
Answers 1, or 0 when something came between: then the epoch may not be greater than all before. An epoch that holds is left as it is.
]]
local function begin(keys, args)
  local shard = keys[1]
  if not epoch_error(shard) then
    return 1
  end
  local epoch = tonumber(redis.call('HGET', shard, 'epoch') or 0)
  if redis.call('HGET', shard, 'candidate') ~= args[1] .. ' ' .. history() or tonumber(args[2]) <= epoch then
    return 0
  end
  redis.call('HSET', shard, 'epoch', args[2], 'counter', '0', 'history', history())
  redis.call('HDEL', shard, 'candidate')
  return 1
end

-- What frees a lock must work when Redis is out of memory, too.
redis.register_function { function_name = 'lock_acquire', callback = acquire }
redis.register_function { function_name = 'lock_release', callback = release, flags = { 'allow-oom' } }
redis.register_function { function_name = 'lock_renew', callback = renew, flags = { 'allow-oom' } }
redis.register_function { function_name = 'lock_sweep', callback = sweep, flags = { 'allow-oom' } }
redis.register_function { function_name = 'lock_get', callback = get, flags = { 'no-writes' } }
redis.register_function { function_name = 'lock_list', callback = list, flags = { 'no-writes' } }
redis.register_function { function_name = 'lock_propose', callback = propose, flags = { 'allow-oom' } }
redis.register_function { function_name = 'lock_begin', callback = begin, flags = { 'allow-oom' } }
