-- Gives the library what is in SET_..., sends with what is in SEND_..., and prints all that is known of the call.
local verifysms = require("verifysms")

local client, answer
local settings = {
    api_key = os.getenv("VERIFYSMS_API_KEY"),
    sender = os.getenv("SET_SENDER"),
    message = os.getenv("SET_MESSAGE"),
    url = os.getenv("SET_URL"),
    timeout_ms = tonumber(os.getenv("SET_TIMEOUT_MS")),
    connect_timeout_ms = tonumber(os.getenv("SET_CONNECT_TIMEOUT_MS")),
    proxy = os.getenv("SET_NO_PROXY") and "" or os.getenv("SET_PROXY"),
    ca_file = os.getenv("SET_CA_FILE"),
    trust = tonumber(os.getenv("SET_TRUST")),
    allow_http = os.getenv("SET_ALLOW_HTTP") ~= nil,
    guard = os.getenv("SET_GUARD"),
    guard_secret = os.getenv("SET_GUARD_SECRET"),
    guard_namespace = os.getenv("SET_GUARD_NAMESPACE"),
    guard_timeout_ms = tonumber(os.getenv("SET_GUARD_TIMEOUT_MS")),
    guard_failure = tonumber(os.getenv("SET_GUARD_FAILURE")),
    no_guard = os.getenv("SET_NO_GUARD") ~= nil,
    limits = os.getenv("SET_LIMIT")
        and { [verifysms.LIMIT_SENDS_USER] = { tonumber(os.getenv("SET_LIMIT")), 600 } },
}
if os.getenv("SET_LOG") then
    settings.log = function(level, line)
        print("log " .. level .. " " .. line)
    end
end
if os.getenv("SET_INTERRUPT") or os.getenv("SET_CANCEL") then
    settings.interrupt = function()
        if os.getenv("SET_CANCEL") then
            client:cancel()
        end
        return os.getenv("SET_INTERRUPT") ~= nil
    end
end

local why
client, why = verifysms.client(settings)
if client and not settings.no_guard then
    print("guard " .. assert(client:guard_show(os.getenv("NUMBER"))).message)
    assert(client:forget(os.getenv("NUMBER")))
end
if client then
    answer, why = client:send(os.getenv("NUMBER"), {
        sender = os.getenv("SEND_SENDER"),
        message = os.getenv("SEND_MESSAGE"),
        end_user = os.getenv("SEND_END_USER"),
    })
end
for name, value in pairs(answer or why) do
    print(name .. "=" .. tostring(value))
end
