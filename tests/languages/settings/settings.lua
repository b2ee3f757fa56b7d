-- Gives the library what is in SET_..., makes the call ASK with what is in SEND_..., and prints what is known.
local verifysms = require("verifysms")

if os.getenv("ASK") == "inspect" then
    local found = verifysms.inspect(os.getenv("SEND_MESSAGE"), { sender = os.getenv("SEND_SENDER"), digits = 6 })
    print("encoding=" .. found.encoding .. "\nlength=" .. found.length .. "\nparts=" .. found.parts)
    for _, warning in ipairs(found.warnings) do
        print("warning=" .. warning.kind .. " " .. warning.position .. " " .. warning.text)
    end
    os.exit(0)
end
local client, answer
local settings = {
    api_key = os.getenv("VERIFYSMS_API_KEY"),
    sender = os.getenv("SET_SENDER"),
    message = os.getenv("SET_MESSAGE"),
    url = os.getenv("SET_URL"),
    delivery_url = os.getenv("SET_DELIVERY_URL"),
    timeout_ms = tonumber(os.getenv("SET_TIMEOUT_MS")),
    connect_timeout_ms = tonumber(os.getenv("SET_CONNECT_TIMEOUT_MS")),
    proxy = os.getenv("SET_NO_PROXY") and "" or os.getenv("SET_PROXY"),
    ca_file = os.getenv("SET_CA_FILE"),
    trust = tonumber(os.getenv("SET_TRUST")),
    allow_http = os.getenv("SET_ALLOW_HTTP") ~= nil,
    guard = os.getenv("SET_GUARD"),
    no_guard = os.getenv("SET_NO_GUARD") ~= nil,
    guard_secret = os.getenv("SET_GUARD_SECRET"),
    guard_namespace = os.getenv("SET_GUARD_NAMESPACE"),
    guard_timeout_ms = tonumber(os.getenv("SET_GUARD_TIMEOUT_MS")),
    guard_failure = tonumber(os.getenv("SET_GUARD_FAILURE")),
}
local limit, most, seconds = (os.getenv("SET_LIMIT") or ""):match("(%d+) (%d+) (%d+)")
if limit then
    settings.limits = { [tonumber(limit)] = { tonumber(most), tonumber(seconds) } }
end
if os.getenv("SET_LOG") then
    settings.log = function(level, line)
        print("log " .. level .. " " .. line)
    end
end
if os.getenv("SET_EVENT") then
    settings.event = function(event, code, reached, milliseconds, attempt, reused, limit)
        print(table.concat({ "event", verifysms.event_name(event), code, reached, milliseconds, attempt, reused and 1 or 0, limit }, " "))
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
local number, with, ask = os.getenv("NUMBER"), {
    end_user = os.getenv("SEND_END_USER"),
    sender = os.getenv("SEND_SENDER"),
    message = os.getenv("SEND_MESSAGE"),
    origin = os.getenv("SEND_ORIGIN"),
    app_hash = os.getenv("SEND_APP_HASH"),
    timeout_ms = tonumber(os.getenv("SEND_TIMEOUT_MS")),
}, os.getenv("ASK")
if client and ask == "check" then
    answer, why = nil, select(2, client:check(number, os.getenv("SEND_CODE"), with))
elseif client and ask == "show" then
    answer, why = client:guard_show(number)
elseif client and ask == "delivery" then
    answer, why = client:delivery(os.getenv("SEND_UNIQUE"))
elseif client and ask == "phone" then
    answer, why = verifysms.phone(number)
elseif client and ask == "forget" then
    answer, why = client:forget(number)
elseif client then
    answer, why = client:send(number, with)
end
for name, value in pairs(answer or why) do
    print(name .. "=" .. tostring(value))
end
print("limit_name=" .. verifysms.limit_name((answer or why).limit or 0))
print("rule_name=" .. verifysms.rule_name((answer or why).rule or 0))
for _, language in ipairs { "he", "en" } do
    print("wait_text_" .. language .. "=" .. verifysms.wait_text((answer or why).retry_after or 0, language))
end
