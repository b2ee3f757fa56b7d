-- How a program goes on when a function of it, or a debug hook in one, leaves in the way HOW.
local verifysms = require("verifysms")

local name = arg[1]:match("%l+$")
local settings = {
    api_key = os.getenv("VERIFYSMS_API_KEY"),
    sender = "Acme",
    url = os.getenv("VERIFYSMS_URL"),
    no_guard = true,
    timeout_ms = 2500,
}
local hook
if arg[1]:find("^a hook") then
    settings[name] = function()
        return false
    end
    local begun = os.time()
    hook = function()
        -- Between one and two seconds later, while the call waits.
        if os.time() > begun + 1 then
            debug.sethook()
            error("too late", 0)
        end
    end
elseif arg[1]:find("^error") then
    settings[name] = function()
        error("the disk is full")
    end
end

local client = assert(verifysms.client(settings))
debug.sethook(hook, "", hook and 1 or 0)
local ran, verified, outcome = pcall(client.check, client, "0501234567", "000000")
if not ran then
    print(verified)
    -- It has ended itself.
    print(debug.gethook() == nil)
else
    local is_kept = debug.gethook() == hook
    debug.sethook()
    print(verified and "verified" or outcome.wrong and "not verified" or outcome.message)
    print(is_kept)
end
print("over")
