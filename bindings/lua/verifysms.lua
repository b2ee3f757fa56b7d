-- The C library as a module of LuaJIT. A failed call returns nil (a check: false) and a table that says
-- why; nothing is thrown for what somebody typed. Only this file calls C.
local ffi = require("ffi")

ffi.cdef [[
typedef struct verifysms_config verifysms_config;
typedef struct verifysms_client verifysms_client;
typedef struct verifysms_result verifysms_result;
verifysms_config *verifysms_config_new(const char *api_key);
int verifysms_config_set_sender(verifysms_config *config, const char *sender);
int verifysms_config_set_message(verifysms_config *config, const char *message);
int verifysms_config_set_url(verifysms_config *config, const char *url);
int verifysms_config_set_timeout_ms(verifysms_config *config, int ms);
const char *verifysms_config_error(const verifysms_config *config);
void verifysms_config_free(verifysms_config *config);
verifysms_client *verifysms_client_new(verifysms_config *config);
void verifysms_client_free(verifysms_client *client);
verifysms_result *verifysms_client_connect(verifysms_client *client);
verifysms_result *verifysms_send(verifysms_client *client, const char *to);
verifysms_result *verifysms_check(verifysms_client *client, const char *to, const char *code);
int verifysms_result_code(const verifysms_result *result);
int verifysms_result_reached(const verifysms_result *result);
int verifysms_result_reason(const verifysms_result *result);
int verifysms_result_status(const verifysms_result *result);
int64_t verifysms_result_timestamp(const verifysms_result *result);
const char *verifysms_result_to(const verifysms_result *result);
const char *verifysms_result_unique(const verifysms_result *result);
const char *verifysms_result_message(const verifysms_result *result);
void verifysms_result_free(verifysms_result *result);
const char *verifysms_version(void);
]]

local C = ffi.load(os.getenv("VERIFYSMS_LIBRARY") or "libverifysms.so.1")

-- Not to be compared with the result of check: they stay here.
local DECIDED = {
    OK = 0,
    NOT_VERIFIED = 2,
}

local verifysms = {
    INVALID_ARGUMENT = 1,
    REJECTED = 3,
    CONNECT = 4,
    TLS = 5,
    TIMEOUT = 6,
    CONNECTION_LOST = 7,
    HTTP_STATUS = 8,
    BAD_REPLY = 9,
    CANCELLED = 10,
    INTERNAL = 11,
    REACHED_NO = 0,
    REACHED_YES = 1,
    REACHED_UNKNOWN = 2,
}

local Client = {}
Client.__index = Client

-- A misspelled name would be nil, which many comparisons accept.
setmetatable(verifysms, {
    __index = function(_, name)
        error("verifysms." .. tostring(name) .. ": there is no such name", 2)
    end,
})

local function refused(message)
    return { code = verifysms.INVALID_ARGUMENT, reached = verifysms.REACHED_NO, message = message }
end

-- Refuses what is no text, and a text with a NUL: C ends it there, and would send another one.
local function broken(value, name)
    if value ~= nil and (type(value) ~= "string" or value:find("\0", 1, true)) then
        return refused(name .. ": is not a text without NUL")
    end
end

local function answer(result)
    local read = {
        code = C.verifysms_result_code(result),
        reached = C.verifysms_result_reached(result),
        reason = C.verifysms_result_reason(result),
        status = C.verifysms_result_status(result),
        -- Exact: Lua's numbers have 53 bits.
        timestamp = tonumber(C.verifysms_result_timestamp(result)),
        to = ffi.string(C.verifysms_result_to(result)),
        unique = ffi.string(C.verifysms_result_unique(result)),
        message = ffi.string(C.verifysms_result_message(result)),
    }
    read.wrong = read.code == DECIDED.NOT_VERIFIED
    C.verifysms_result_free(result)
    return read
end

-- A client from { api_key =, sender =, message =, url =, timeout_ms = }, or nil and why not.
function verifysms.client(settings)
    for _, name in ipairs { "api_key", "sender", "message", "url" } do
        local why = broken(settings[name], name)
        if why then
            return nil, why
        end
    end
    local config = ffi.gc(C.verifysms_config_new(settings.api_key), C.verifysms_config_free)
    C.verifysms_config_set_sender(config, settings.sender)
    C.verifysms_config_set_message(config, settings.message)
    C.verifysms_config_set_url(config, settings.url)
    if settings.timeout_ms ~= nil then
        C.verifysms_config_set_timeout_ms(config, settings.timeout_ms)
    end
    local handle = C.verifysms_client_new(config)
    if handle == nil then
        return nil, refused(ffi.string(C.verifysms_config_error(config)))
    end
    return setmetatable({ handle = ffi.gc(handle, C.verifysms_client_free) }, Client)
end

local function decided(read)
    if read.code ~= DECIDED.OK then
        return nil, read
    end
    return read
end

-- Opens a connection ahead of the next call: when the page opens on which a person types a number.
-- Returns an outcome without a number, or nil and what went wrong.
function Client:connect()
    return decided(answer(C.verifysms_client_connect(self.handle)))
end

-- Sends a code to a number. Returns what the service said, or nil and what went wrong.
function Client:send(to)
    return decided(broken(to, "to") or answer(C.verifysms_send(self.handle, to)))
end

-- Whether the code is the one that was sent to the number: true, or false, also if nobody knows. The second
-- result is what the service said, or what went wrong.
function Client:check(to, typed)
    local read = broken(to, "to") or broken(typed, "typed")
        or answer(C.verifysms_check(self.handle, to, typed))
    return read.code == DECIDED.OK and read.status == 1, read
end

-- The version of the loaded library.
function verifysms.version()
    return ffi.string(C.verifysms_version())
end

return verifysms
