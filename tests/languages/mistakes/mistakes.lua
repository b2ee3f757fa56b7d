-- What people write by mistake in Lua, with a wrong code.
local verifysms = require("verifysms")

local function attempt(mistake, try)
    local ran, answer = pcall(try)
    if not ran then
        print("error", answer)
    end
    print((ran and answer and "in: " or "out: ") .. mistake)
end

local key, number = os.getenv("VERIFYSMS_API_KEY"), os.getenv("NUMBER")
local client = assert(verifysms.client { api_key = key, sender = "Acme", url = os.getenv("VERIFYSMS_URL") })
local nowhere = assert(verifysms.client { api_key = key, sender = "Acme", url = "http://127.0.0.1:1/" })
local connected = assert(client:connect())
local sent, outcome = client:send(number)
print("code for 0501234567?")
io.flush()
local right = io.read()
local wrong = right:gsub("%d", function(digit)
    return 9 - digit
end)

attempt("the answer", function()
    return client:check(number, wrong)
end)
attempt("the answer compared with false", function()
    return client:check(number, wrong) ~= false
end)
attempt("no answer compared with false", function()
    return nowhere:check(number, right) ~= false
end)
attempt("the answer compared with NOT_VERIFIED", function()
    return client:check(number, wrong) ~= verifysms.NOT_VERIFIED
end)
attempt("the answer compared with OK", function()
    return client:check(number, wrong) == verifysms.OK
end)
attempt("a dot for a colon", function()
    return client.check(number, wrong)
end)
attempt("a code with a NUL, and what a send answered", function()
    local ok = sent
    pcall(function()
        ok, outcome = client:check(number, "1\0")
    end)
    return ok
end)
attempt("a code with a NUL, and what a connect answered", function()
    local ok = connected
    pcall(function()
        ok, outcome = client:check(number, "1\0")
    end)
    return ok
end)
attempt("a code that is no text", function()
    return client:check(number, { right })
end)
attempt("no code", function()
    return client:check(number)
end)
attempt("the command's status, as the README reads it", function()
    local done = os.execute("exit 2")
    return done == 0 or done == true
end)
for name, value in pairs(client) do
    print(name, value)
end
attempt("the right code", function()
    return client:check(number, right)
end)
