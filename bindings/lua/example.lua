-- example.lua send NUMBER sends a code, example.lua check NUMBER CODE checks it, example.lua connect
-- only opens a connection. The exit status is the library's code: 0 only if connected, sent, or verified.
-- Reads VERIFYSMS_API_KEY, _SENDER, _URL and _GUARD: file:/path keeps the counts from one run to the next.
local verifysms = require("verifysms")

local asked, number, typed = arg[1], arg[2], arg[3]
print("verifysms " .. verifysms.version())

if asked ~= "send" and asked ~= "check" and asked ~= "connect" then
    print("send NUMBER, check NUMBER CODE, or connect")
    os.exit(verifysms.INVALID_ARGUMENT)
end
local client, outcome = verifysms.client {
    api_key = os.getenv("VERIFYSMS_API_KEY"),
    sender = os.getenv("VERIFYSMS_SENDER"),
    url = os.getenv("VERIFYSMS_URL"),
    guard = os.getenv("VERIFYSMS_GUARD"),
}
local verified, sent, connected
if client and asked == "check" then
    verified, outcome = client:check(number, typed)
elseif client and asked == "connect" then
    connected, outcome = client:connect()
    outcome = connected or outcome
elseif client then
    sent, outcome = client:send(number)
    outcome = sent or outcome
end

print(("code %d, reached %d, number %s: %s"):format(
    outcome.code, outcome.reached, outcome.to or "", outcome.message))
if verified then
    print("the number is theirs")
elseif sent then
    print(("message %s at %s"):format(sent.unique, os.date("%c", sent.timestamp)))
elseif outcome.wrong then
    print("let the person type again")
elseif outcome.code == verifysms.LIMITED then
    print(("wait %d s"):format(outcome.retry_after))
elseif outcome.reached == verifysms.REACHED_UNKNOWN then
    print("it may have arrived: do not repeat it")
end
os.exit(outcome.code, true)
