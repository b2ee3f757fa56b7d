-- example.lua NUMBER has a code texted, example.lua NUMBER CODE checks it. The exit status is the
-- library's code: 0 only if sent, or verified. Reads VERIFYSMS_API_KEY, _SENDER and _URL.
local verifysms = require("verifysms")

local number, typed = arg[1], arg[2]
print("verifysms " .. verifysms.version())

local client, outcome = verifysms.client {
    api_key = os.getenv("VERIFYSMS_API_KEY"),
    sender = os.getenv("VERIFYSMS_SENDER"),
    url = os.getenv("VERIFYSMS_URL"),
}
local answered
if client and typed then
    answered, outcome = client:check(number, typed)
elseif client then
    answered, outcome = client:send(number)
    outcome = answered or outcome
end

print(("code %d, reached %d: %s"):format(outcome.code, outcome.reached, outcome.message))
if answered == nil then
    if outcome.reached == verifysms.REACHED_UNKNOWN then
        print("it may have arrived: do not repeat it")
    end
elseif not typed then
    print(("message %s at %s"):format(answered.unique, os.date("%c", answered.timestamp)))
elseif answered then
    print("the number is theirs")
else
    print("let the person type again")
end
os.exit(outcome.code, true)
