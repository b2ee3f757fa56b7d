-- The C library as a module of LuaJIT. What did not end well is nil, or false from a check, and a table
-- that says why; nothing is thrown for what somebody typed. Only this file knows of C.
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

-- Not for comparing with what check answers: they stay here.
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

-- A name that is not there would be nil, which too much compares with.
setmetatable(verifysms, {
    __index = function(_, name)
        error("verifysms." .. tostring(name) .. ": there is no such name", 2)
    end,
})

local function refused(message)
    return { code = verifysms.INVALID_ARGUMENT, reached = verifysms.REACHED_NO, message = message }
end

-- Why a text is refused: C would end it at a NUL, so that another went out than was given.
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
        -- Exact in Lua's numbers, which have 53 bits.
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

-- Opens a connection ahead, so that the next call finds it: when the page opens on which a number is
-- typed. An outcome that says nothing of a number, or nil and what went wrong.
function Client:connect()
    return decided(answer(C.verifysms_client_connect(self.handle)))
end

-- Has a code texted to a number: what the service said, or nil and what went wrong.
function Client:send(to)
    return decided(broken(to, "to") or answer(C.verifysms_send(self.handle, to)))
end

-- Whether a code is the one that was texted to a number: true, or false also if nobody knows; and what
-- the service said, or what went wrong.
function Client:check(to, typed)
    local read = broken(to, "to") or broken(typed, "typed")
        or answer(C.verifysms_check(self.handle, to, typed))
    return read.code == DECIDED.OK and read.status == 1, read
end

-- The version of the library that is running.
function verifysms.version()
    return ffi.string(C.verifysms_version())
end

return verifysms
