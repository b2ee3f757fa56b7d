-- One step of the guard in Redis: the state machine of src/guard/, on the server's clock.
--
-- KEYS: the records of the subjects. ARGV: the step; for each key the letter of its kind (n number, u end
-- user, r range, a app); milliseconds to add to the clock; the end user's id, empty if not given; for each of
-- the limits 1 to 9 how many in how many seconds, 0 seconds for the stairs of COOLDOWN; and what an earlier
-- step has counted: the time, what (0 a send, 1 a failure of the asker, 2 another's failure), five epochs.
--
-- Returns {limit that refuses, its wait, time, what was counted, next limit, its wait, tries left or -1,
-- whether SENDS_APP is near, five epochs}; "show" adds the count and the wait of each limit, a count of -1 if
-- it is not counted. Waits are in milliseconds.
--
-- A record is a list of windows. A number's are SENDS_NUMBER, SENDS_NUMBER_DAY, and TRIES and FAILURES_NUMBER
-- of the asker and of others; then come the times of its recent sends, the time of the last confirmed send,
-- and the asker. A window is empty, or {newest bucket, epoch, seconds, counts from the newest bucket on}.

local step, kinds, asker = ARGV[1], ARGV[2], ARGV[4]
local RECENT, SENT_AT, ASKER = 7, 8, 9
local TRIES, FAILURES = 3, 5
local STAIRS, STAIRS_SECONDS = {30, 40, 60, 90, 120}, 600
-- Where the parts of a window are; the counts go from FIRST to LAST.
local NEWEST, EPOCH, SECONDS, FIRST, LAST = 1, 2, 3, 4, 20
-- The limits that have a window, in the order of the epochs.
local SENDS, CHECKS = {2, 3, 4, 5, 6}, {7, 8, 9}

local limits = {struct.unpack('>' .. ('I4'):rep(18), ARGV[5])}
local taken = ARGV[6] == '' and {} or {struct.unpack('>I8I4I4I4I4I4I4', ARGV[6])}
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[3]

local records, is_corrected = {}, false
for at, key in ipairs(KEYS) do
  local kind, packed = kinds:sub(at, at), redis.call('GET', key)
  records[kind] = packed and cmsgpack.unpack(packed)
    or kind == 'n' and {{}, {}, {}, {}, {}, {}, {}, 0, ''}
    or {{}, {}}
end
local number = records.n

local SEND, ASKER_FAILURE, OTHER_FAILURE = 0, 1, 2
local what = taken[2] or step == 'check' and number[ASKER] ~= asker and OTHER_FAILURE
  or step == 'check' and ASKER_FAILURE or SEND
local other = what == OTHER_FAILURE and 1 or 0

-- For each limit: the kind of its record, and the window in it.
local PLACES = {
  {}, {'n', 1}, {'n', 2}, {'u', 1}, {'r', 1}, {'a', 1},
  {'n', TRIES + other}, {'n', FAILURES + other}, {'u', 2},
}

local function most(limit) return limits[2 * limit - 1] end
local function seconds(limit) return limits[2 * limit] end
local function width(seconds) return math.ceil(seconds * 1000 / 16) end

local function total(counts)
  local sum = 0
  for at = FIRST, #counts do sum = sum + counts[at] end
  return sum
end

-- Moves a window on to now.
local function advance(counts)
  local bucket = math.floor(now / width(counts[SECONDS]))
  local shift, oldest = bucket - counts[NEWEST], #counts
  -- A future, after the clock was set back, is taken for now.
  if shift < 0 then is_corrected = true end
  if shift > 0 and oldest >= FIRST then
    for at = oldest, FIRST, -1 do
      if at + shift <= LAST then counts[at + shift] = counts[at] end
      counts[at] = 0
    end
    for at = oldest + 1, math.min(oldest + shift, LAST) do counts[at] = counts[at] or 0 end
  end
  counts[NEWEST] = bucket
end

-- Puts the events into buckets of another width, each to the end of the bucket that it was in: a program with
-- other settings has counted them.
local function convert(counts, seconds)
  local old, new = width(counts[SECONDS]), width(seconds)
  local newest, bucket = math.min(counts[NEWEST], math.floor(now / old)), math.floor(now / new)
  local events = {}
  for at = #counts, FIRST, -1 do events[at] = table.remove(counts) end
  for at, count in pairs(events) do
    local last = math.min((newest + 1 - (at - FIRST)) * old - 1, now)
    local to = FIRST + bucket - math.floor(last / new)
    for fill = #counts + 1, math.min(to, LAST) do counts[fill] = 0 end
    if to <= LAST then counts[to] = counts[to] + count end
  end
  counts[NEWEST], counts[SECONDS], is_corrected = bucket, seconds, true
end

-- The window of a limit, moved on to now. Nothing if the limit is off or the subject is not given.
local windows = {}
local function window(limit)
  local kind, index = PLACES[limit][1], PLACES[limit][2]
  if windows[limit] or most(limit) == 0 or not records[kind] then return windows[limit] end
  local counts = records[kind][index]
  windows[limit] = counts
  if not counts[NEWEST] then
    counts[NEWEST], counts[EPOCH], counts[SECONDS] = 0, now % 2 ^ 32, seconds(limit)
  elseif counts[SECONDS] ~= seconds(limit) then
    convert(counts, seconds(limit))
  end
  advance(counts)
  return counts
end

-- How long a send counts for the cooldown.
local cooldown_memory = math.max(STAIRS_SECONDS, seconds(1)) * 1000

-- The sends that count for the cooldown, and how long it lasts.
local function cooldown()
  local recent, sends = number[RECENT], 0
  for at, time in ipairs(recent) do
    if time > now then recent[at], is_corrected = now, true end
  end
  local last = recent[#recent]
  if not last or now - last >= cooldown_memory then return 0, 0 end
  for _, time in ipairs(recent) do
    if last - time < cooldown_memory then sends = sends + 1 end
  end
  local pause = seconds(1) > 0 and seconds(1) or STAIRS[math.min(sends, #STAIRS)]
  return sends, math.max(last + pause * 1000 - now, 0)
end

-- The events that a limit has counted, and how long until one more is allowed. -1 and 0 if it counts none.
local function state(limit)
  if limit == 1 then
    local sends, wait = cooldown()
    if most(1) > 0 then return sends, wait end
  end
  local counts = limit > 1 and window(limit)
  if not counts then return -1, 0 end
  local sum, at = total(counts), #counts + 1
  local excess = sum - most(limit) + 1
  if excess <= 0 then return sum, 0 end
  repeat
    at = at - 1
    excess = excess - counts[at]
  until excess <= 0
  return sum, (counts[NEWEST] - (at - FIRST) + 17) * width(seconds(limit)) - now
end

-- The limit with the longest wait, and the wait.
local function longest(which)
  local limit, longest = 0, 0
  for at = which == SENDS and 0 or 1, #which do
    local one = which[at] or 1
    local _, wait = state(one)
    if wait > longest then limit, longest = one, wait end
  end
  return limit, longest
end

local function take_back(limit, time, epoch)
  local counts = window(limit)
  if not counts or counts[EPOCH] ~= epoch then return end
  local at = FIRST + counts[NEWEST] - math.floor(time / width(seconds(limit)))
  if at < FIRST then
    -- The clock was set back.
    at = FIRST
    while counts[at] == 0 do at = at + 1 end
  end
  if (counts[at] or 0) > 0 then counts[at] = counts[at] - 1 end
end

local function take_all_back(which)
  for at, limit in ipairs(which) do take_back(limit, taken[1], taken[at + 2]) end
end

local function clear(index)
  local counts = number[index]
  if counts[NEWEST] then
    for at = FIRST, #counts do counts[at] = 0 end
    counts[EPOCH] = (counts[EPOCH] + 1) % 2 ^ 32
  end
end

local result = {0, 0, now, what, 0, 0, -1, 0, 0, 0, 0, 0, 0}

-- Counts an event, unless a limit refuses it. Returns whether it was counted.
local function count(which)
  result[1], result[2] = longest(which)
  if result[1] > 0 then return false end
  for at, limit in ipairs(which) do
    local counts = window(limit)
    if counts then counts[FIRST], result[at + 8] = (counts[FIRST] or 0) + 1, counts[EPOCH] end
  end
  return true
end

local function note_next(which)
  result[5], result[6] = longest(which)
end

-- Notes how many tries are left. A message that is sent clears TRIES.
local function note_tries_left(is_sending)
  for _, limit in ipairs(CHECKS) do
    local counts = window(limit)
    if counts then
      local used = is_sending and limit == 7 and 0 or total(counts)
      local left = math.max(most(limit) - used, 0)
      if result[7] < 0 or left < result[7] then result[7] = left end
    end
  end
end

if step == 'send' then
  if count(SENDS) then
    if most(1) > 0 then
      local recent = number[RECENT]
      recent[#recent + 1] = now
      if #recent > 8 then table.remove(recent, 1) end
    end
    note_next(SENDS)
    note_tries_left(true)
    local app = window(6)
    result[8] = app and total(app) == math.ceil(most(6) * 4 / 5) and 1 or 0
  end
elseif step == 'sent' then
  clear(TRIES)
  clear(TRIES + 1)
  number[SENT_AT], number[ASKER] = taken[1], asker
elseif step == 'check' then
  if count(CHECKS) then note_next(CHECKS) end
  note_tries_left(false)
elseif step == 'undo' and what == SEND then
  take_all_back(SENDS)
  for at, time in ipairs(number[RECENT]) do
    if time == taken[1] then
      table.remove(number[RECENT], at)
      break
    end
  end
elseif step == 'undo' then
  take_all_back(CHECKS)
elseif step == 'verified' then
  take_all_back(CHECKS)
  clear(TRIES)
  clear(FAILURES)
  if number[SENT_AT] > 0 then
    for _, limit in ipairs(SENDS) do
      local counts = window(limit)
      -- Another send may have been confirmed since the check began.
      local gives_back = limit == 3 or limit == 5 or limit == 4 and number[ASKER] == asker
      if counts and gives_back then take_back(limit, number[SENT_AT], counts[EPOCH]) end
    end
  end
  number[RECENT], number[SENT_AT] = {}, 0
elseif step == 'forget' then
  for index = 1, 6 do clear(index) end
  number[RECENT], number[SENT_AT], number[ASKER] = {}, 0, ''
elseif step == 'show' then
  note_next(SENDS)
  note_tries_left(false)
  for limit = 1, 9 do
    result[#result + 1], result[#result + 2] = state(limit)
  end
end

-- A refused step writes only what was corrected: else the next one would correct it again, to a later time.
local writes = is_corrected or result[1] == 0 and step ~= 'show'
for at, key in ipairs(KEYS) do
  if writes then
    local kind = kinds:sub(at, at)
    -- A record lasts as long as its longest window.
    local record, lifetime = records[kind], kind == 'n' and cooldown_memory or 0
    for index = 1, kind == 'n' and RECENT - 1 or 2 do
      local counts = record[index]
      -- Zeros at the end are not stored.
      while #counts > SECONDS and counts[#counts] == 0 do table.remove(counts) end
      if counts[NEWEST] then lifetime = math.max(lifetime, 17 * width(counts[SECONDS])) end
    end
    if lifetime > 0 then redis.call('SET', key, cmsgpack.pack(record), 'PX', lifetime) end
  end
end
return result
