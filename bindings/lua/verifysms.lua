-- The C library as a module of LuaJIT. A failed call returns nil (a check: false) and a table that says
-- why; nothing is thrown for what somebody typed. Only this file calls C.
local ffi = require("ffi")

ffi.cdef [[
typedef struct verifysms_config verifysms_config;
typedef struct verifysms_client verifysms_client;
typedef struct verifysms_request verifysms_request;
typedef struct verifysms_result verifysms_result;
typedef struct verifysms_message verifysms_message;
typedef void (*verifysms_log_fn)(void *user_data, int level, const char *message);
typedef void (*verifysms_event_fn)(void *user_data, int event, int code, int reached, int milliseconds, int attempt, int reused, int limit);
typedef int (*verifysms_interrupt_fn)(void *user_data);
verifysms_config *verifysms_config_new(const char *api_key);
int verifysms_config_set_sender(verifysms_config *config, const char *sender);
int verifysms_config_set_message(verifysms_config *config, const char *message);
int verifysms_config_set_url(verifysms_config *config, const char *url);
int verifysms_config_set_delivery_url(verifysms_config *config, const char *url);
int verifysms_config_set_timeout_ms(verifysms_config *config, int ms);
int verifysms_config_set_connect_timeout_ms(verifysms_config *config, int ms);
int verifysms_config_set_proxy(verifysms_config *config, const char *url);
int verifysms_config_set_ca_file(verifysms_config *config, const char *pem_path);
int verifysms_config_set_trust(verifysms_config *config, int trust);
int verifysms_config_set_allow_http(verifysms_config *config, int yes);
int verifysms_config_set_log(verifysms_config *config, verifysms_log_fn log, void *user_data);
int verifysms_config_set_event(verifysms_config *config, verifysms_event_fn event, void *user_data);
int verifysms_config_set_interrupt(verifysms_config *config, verifysms_interrupt_fn interrupt, void *user_data);
int verifysms_config_set_guard(verifysms_config *config, const char *store);
int verifysms_config_set_limit(verifysms_config *config, int limit, int most, int seconds);
int verifysms_config_set_guard_secret(verifysms_config *config, const char *secret);
int verifysms_config_set_guard_namespace(verifysms_config *config, const char *name);
int verifysms_config_set_guard_timeout_ms(verifysms_config *config, int ms);
int verifysms_config_set_guard_failure(verifysms_config *config, int failure);
int verifysms_config_rule(const verifysms_config *config);
const char *verifysms_config_error(const verifysms_config *config);
void verifysms_config_free(verifysms_config *config);
verifysms_client *verifysms_client_new(verifysms_config *config);
void verifysms_client_cancel(verifysms_client *client);
void verifysms_client_free(verifysms_client *client);
verifysms_result *verifysms_client_connect(verifysms_client *client);
verifysms_request *verifysms_request_new(const char *to);
int verifysms_request_set_end_user(verifysms_request *request, const char *end_user);
int verifysms_request_set_sender(verifysms_request *request, const char *sender);
int verifysms_request_set_message(verifysms_request *request, const char *message);
int verifysms_request_set_origin(verifysms_request *request, const char *origin);
int verifysms_request_set_app_hash(verifysms_request *request, const char *app_hash);
int verifysms_request_set_timeout_ms(verifysms_request *request, int ms);
void verifysms_request_free(verifysms_request *request);
verifysms_result *verifysms_send_request(verifysms_client *client, const verifysms_request *request);
verifysms_result *verifysms_check_request(verifysms_client *client, const verifysms_request *request, const char *code);
verifysms_result *verifysms_delivery(verifysms_client *client, const char *unique);
verifysms_result *verifysms_forget(verifysms_client *client, const char *to);
verifysms_result *verifysms_guard_show(verifysms_client *client, const char *to);
int verifysms_result_code(const verifysms_result *result);
int verifysms_result_reached(const verifysms_result *result);
int verifysms_result_rule(const verifysms_result *result);
int verifysms_result_reason(const verifysms_result *result);
int verifysms_result_status(const verifysms_result *result);
int verifysms_result_http_status(const verifysms_result *result);
int verifysms_result_limit(const verifysms_result *result);
int verifysms_result_retry_after(const verifysms_result *result);
int verifysms_result_tries_left(const verifysms_result *result);
int64_t verifysms_result_timestamp(const verifysms_result *result);
const char *verifysms_result_unique(const verifysms_result *result);
const char *verifysms_result_sender(const verifysms_result *result);
const char *verifysms_result_to(const verifysms_result *result);
const char *verifysms_result_message(const verifysms_result *result);
int verifysms_result_delivery_state(const verifysms_result *result);
int verifysms_result_delivery_next(const verifysms_result *result);
int verifysms_result_delivery_code(const verifysms_result *result);
const char *verifysms_result_delivery_hebrew(const verifysms_result *result);
const char *verifysms_result_delivery_english(const verifysms_result *result);
const char *verifysms_result_delivery_date(const verifysms_result *result);
const char *verifysms_result_delivery_operator(const verifysms_result *result);
const char *verifysms_result_user_text(const verifysms_result *result, const char *language);
void verifysms_result_free(verifysms_result *result);
int verifysms_wait_text(int seconds, const char *language, char *buffer, int size);
int verifysms_phone_normalize(const char *text, char *buffer, int size);
int verifysms_phone_e164(const char *text, char *buffer, int size);
int verifysms_phone_kind(const char *text);
verifysms_message *verifysms_message_inspect(const char *message, const char *sender, const char *origin);
int verifysms_message_encoding(const verifysms_message *message);
int verifysms_message_length(const verifysms_message *message, int digits);
int verifysms_message_parts(const verifysms_message *message, int digits);
int verifysms_message_warning_count(const verifysms_message *message);
int verifysms_message_warning(const verifysms_message *message, int index);
int verifysms_message_warning_position(const verifysms_message *message, int index);
const char *verifysms_message_warning_text(const verifysms_message *message, int index);
void verifysms_message_free(verifysms_message *message);
const char *verifysms_event_name(int event);
const char *verifysms_limit_name(int limit);
const char *verifysms_rule_name(int rule);
const char *verifysms_version(void);
]]

local library = os.getenv("VERIFYSMS_LIBRARY") or "libverifysms.so.1"
local loaded, C = pcall(ffi.load, library)
if not loaded then
    error("cannot load " .. library .. ": install verifysms, or name the file in VERIFYSMS_LIBRARY; "
        .. 'bindings/README.md, "The library is not found" (' .. tostring(C) .. ")", 0)
end

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
    LIMITED = 12,
    GUARD_DOWN = 13,
    REACHED_NO = 0,
    REACHED_YES = 1,
    REACHED_UNKNOWN = 2,
    TRUST_SYSTEM = 0,
    TRUST_BUNDLED = 1,
    LOG_INFO = 6,
    LOG_DEBUG = 7,
    LOG_WARNING = 4,
    EVENT_OTHER = 0,
    EVENT_SENT = 1,
    EVENT_CHECKED = 2,
    EVENT_VERIFIED = 3,
    EVENT_REFUSED = 4,
    EVENT_UNKNOWN = 5,
    EVENT_LIMITED = 6,
    EVENT_FAILED = 7,
    GUARD_LOCAL = 0,
    GUARD_REFUSE = 1,
    GUARD_ALLOW = 2,
    LIMIT_COOLDOWN = 1,
    LIMIT_SENDS_NUMBER = 2,
    LIMIT_SENDS_NUMBER_DAY = 3,
    LIMIT_SENDS_USER = 4,
    LIMIT_SENDS_RANGE = 5,
    LIMIT_SENDS_APP = 6,
    LIMIT_TRIES = 7,
    LIMIT_FAILURES_NUMBER = 8,
    LIMIT_FAILURES_USER = 9,
    PHONE_UNKNOWN = 0,
    PHONE_MOBILE = 1,
    PHONE_LANDLINE = 2,
    PHONE_VOIP = 3,
    PHONE_KOSHER = 4,
    ENCODING_GSM7 = 1,
    ENCODING_UCS2 = 2,
    WARNING_WITHOUT_CODE = 1,
    WARNING_SEVERAL_PARTS = 2,
    WARNING_COSTLY_CHARACTER = 3,
    WARNING_CODE_IN_RIGHT_TO_LEFT_LINE = 4,
    WARNING_DIRECTION_MARK = 5,
    WARNING_WEBOTP_MISSING = 6,
    WARNING_WEBOTP_NOT_LAST = 7,
    WARNING_WEBOTP_FORM = 8,
    WARNING_WEBOTP_HOST = 9,
    WARNING_WEBOTP_ORIGIN = 10,
    WARNING_RETRIEVER_LENGTH = 11,
    WARNING_LINK = 12,
    WARNING_OTHER_NUMBER = 13,
    WARNING_SENDER_INVALID = 14,
    WARNING_SENDER_CHARACTERS = 15,
    WARNING_SENDER_NUMBER = 16,
    DELIVERY_UNKNOWN = 0,
    DELIVERY_PENDING = 1,
    DELIVERY_DELIVERED = 2,
    DELIVERY_FAILED = 3,
    DELIVERY_BLOCKED = 4,
    DELIVERY_EXPIRED = 5,
    DELIVERY_CODE_NONE = -2147483647,
    NEXT_NONE = 0,
    NEXT_WAIT = 1,
    NEXT_RETRY_LATER = 2,
    NEXT_ANOTHER_NUMBER = 3,
    NEXT_OPTED_OUT = 4,
    NEXT_ABROAD = 5,
    NEXT_CONTACT_SUPPORT = 6,
}

local Client = {}
Client.__index = Client

-- A misspelled name would be nil, which many comparisons accept.
setmetatable(verifysms, {
    __index = function(_, name)
        error("verifysms." .. tostring(name) .. ": there is no such name", 2)
    end,
})

local function refused(message, rule)
    return { code = verifysms.INVALID_ARGUMENT, reached = verifysms.REACHED_NO, rule = rule or 0, message = message }
end

-- Refuses what is no text, and a text with a NUL: C ends it there, and would send another one.
local function broken(value, name)
    if value ~= nil and (type(value) ~= "string" or value:find("\0", 1, true)) then
        return refused(name .. ": is not a text without NUL")
    end
end

-- What verifysms_result_... returns, as Lua has it. A number of 64 bits is exact up to 53.
local ACCESSORS = {
    code = tonumber,
    reached = tonumber,
    rule = tonumber,
    reason = tonumber,
    status = tonumber,
    http_status = tonumber,
    limit = tonumber,
    retry_after = tonumber,
    tries_left = tonumber,
    timestamp = tonumber,
    unique = ffi.string,
    sender = ffi.string,
    to = ffi.string,
    message = ffi.string,
    delivery_state = tonumber,
    delivery_next = tonumber,
    delivery_code = tonumber,
    delivery_hebrew = ffi.string,
    delivery_english = ffi.string,
    delivery_date = ffi.string,
    delivery_operator = ffi.string,
}

-- Makes a call of C and reads its result. A debug hook that raises in a callback would abort the process: none runs
-- meanwhile. One that a program in C has set cannot be set again from here, and stays.
local function answer(call, ...)
    local hook, mask, count = debug.gethook()
    if type(hook) == "function" then
        debug.sethook()
    end
    local result = call(...)
    local read = {}
    for name, convert in pairs(ACCESSORS) do
        read[name] = convert(C["verifysms_result_" .. name](result))
    end
    -- For the person who signs up, in Hebrew and in English.
    read.user_text_he = ffi.string(C.verifysms_result_user_text(result, "he"))
    read.user_text_en = ffi.string(C.verifysms_result_user_text(result, "en"))
    read.wrong = read.code == DECIDED.NOT_VERIFIED
    C.verifysms_result_free(result)
    if type(hook) == "function" then
        debug.sethook(hook, mask, count)
    end
    return read
end

-- Compiled code may call no C function that calls Lua.
jit.off(answer)

-- What verifysms_config_set_... takes: a Lua type, or the C type of a function.
local SETTINGS = {
    sender = "string",
    message = "string",
    url = "string",
    delivery_url = "string",
    timeout_ms = "number",
    connect_timeout_ms = "number",
    proxy = "string",
    ca_file = "string",
    trust = "number",
    allow_http = "boolean",
    guard = "string",
    guard_secret = "string",
    guard_namespace = "string",
    guard_timeout_ms = "number",
    guard_failure = "number",
    log = "verifysms_log_fn",
    event = "verifysms_event_fn",
    interrupt = "verifysms_interrupt_fn",
}

-- Functions that C may call: no error leaves them. One of an interrupt function ends the call.
local WRAPPED = {
    log = function(log)
        return function(_, level, line)
            pcall(log, level, ffi.string(line))
        end
    end,
    event = function(event)
        return function(_, kind, code, reached, milliseconds, attempt, reused, limit)
            pcall(event, kind, code, reached, milliseconds, attempt, reused ~= 0, limit)
        end
    end,
    interrupt = function(interrupt)
        return function()
            local ran, over = pcall(interrupt)
            return (over or not ran) and 1 or 0
        end
    end,
}

-- What is wrong with a setting, or nothing. A name is not shown: it may be a key that lacks its own.
local function unfit(name, value)
    if name == "limits" or name == "no_guard" then
        return
    end
    local kind = name == "api_key" and "string" or SETTINGS[name]
    if not kind then
        return refused("settings: one has a name that is none")
    elseif kind == "string" then
        return broken(value, name)
    elseif type(value) ~= (WRAPPED[name] and "function" or kind) then
        return refused(name .. ": is no " .. (WRAPPED[name] and "function" or kind))
    end
end

-- Hands a setting to C; the C function that was made of a Lua function, if it is one.
local function set(config, name, value)
    local setter = C["verifysms_config_set_" .. name]
    if WRAPPED[name] then
        local callback = ffi.cast(SETTINGS[name], WRAPPED[name](value))
        setter(config, callback, nil)
        return callback
    end
    setter(config, SETTINGS[name] == "boolean" and (value and 1 or 0) or value)
end

-- A client from { api_key =, sender =, ... }: a name of SETTINGS each; limits is a table like
-- { [verifysms.LIMIT_SENDS_NUMBER] = { 5, 600 } }, and no_guard ends all limits. Or nil and why not.
function verifysms.client(settings)
    for name, value in pairs(settings) do
        local why = unfit(name, value)
        if why then
            return nil, why
        end
    end
    local config = ffi.gc(C.verifysms_config_new(settings.api_key), C.verifysms_config_free)
    local callbacks = {}
    for name in pairs(SETTINGS) do
        if settings[name] ~= nil then
            callbacks[#callbacks + 1] = set(config, name, settings[name])
        end
    end
    for limit, rate in pairs(settings.limits or {}) do
        C.verifysms_config_set_limit(config, limit, rate[1], rate[2])
    end
    if settings.no_guard then
        C.verifysms_config_set_guard(config, nil)
    end
    local function free(handle)
        C.verifysms_client_free(handle)
        for _, callback in ipairs(callbacks) do
            callback:free()
        end
    end
    local handle = C.verifysms_client_new(config)
    if handle == nil then
        free(handle)
        return nil, refused(ffi.string(C.verifysms_config_error(config)), C.verifysms_config_rule(config))
    end
    return setmetatable({ handle = ffi.gc(handle, free) }, Client)
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
    return decided(answer(C.verifysms_client_connect, self.handle))
end

-- What a call is about: a number, and what is with it, as for send. Or nil and why not.
local function request(to, with)
    local why = broken(to, "to")
    local made = not why and ffi.gc(C.verifysms_request_new(to), C.verifysms_request_free)
    for _, name in ipairs { "sender", "message", "end_user", "origin", "app_hash" } do
        local text = (with or {})[name]
        why = why or broken(text, name)
        if not why then
            C["verifysms_request_set_" .. name](made, text)
        end
    end
    local ms = (with or {}).timeout_ms
    if ms ~= nil and type(ms) ~= "number" then
        why = why or refused("timeout_ms: is no number")
    elseif ms and not why then
        C.verifysms_request_set_timeout_ms(made, ms)
    end
    return not why and made or nil, why
end

-- Sends a code to a number, if need be with another sender, message or deadline than the client's, for an end user
-- whose sends the guard counts: { sender =, message =, end_user =, timeout_ms = }. The message gets a line for the
-- origin of a page, such as example.co.il, and one for the app_hash of an Android app, which may fill the code in.
-- Returns what the service said, or nil and what went wrong.
function Client:send(to, with)
    local about, why = request(to, with)
    return decided(why or answer(C.verifysms_send_request, self.handle, about))
end

-- Whether the code is the one that was sent to the number: true, or false, also if nobody knows. The second
-- result is what the service said, or what went wrong. With { end_user =, timeout_ms = } as for send.
function Client:check(to, typed, with)
    local about, why = request(to, with)
    local read = why or broken(typed, "typed")
        or answer(C.verifysms_check_request, self.handle, about, typed)
    return read.code == DECIDED.OK and read.status == 1, read
end

-- Forgets what the guard knows of a number: for a call centre that unlocks a person. Returns as connect.
function Client:forget(to)
    return decided(broken(to, "to") or answer(C.verifysms_forget, self.handle, to))
end

-- How far the limits of a number are used, in the message of what it returns; or nil and what went wrong.
function Client:guard_show(to)
    return decided(broken(to, "to") or answer(C.verifysms_guard_show, self.handle, to))
end

-- What became of a message, by the unique of its send: a table whose delivery_state is a DELIVERY_ and whose
-- delivery_next is a NEXT_; or nil and what went wrong. It verifies nobody.
function Client:delivery(unique)
    return decided(broken(unique, "unique") or answer(C.verifysms_delivery, self.handle, unique))
end

-- Ends the calls of this client as CANCELLED: for its log, event or interrupt function.
function Client:cancel()
    C.verifysms_client_cancel(self.handle)
end

-- The name of an event, for example "VERIFIED".
function verifysms.event_name(event)
    return ffi.string(C.verifysms_event_name(event))
end

-- The name of a limit, for example "SENDS_NUMBER".
function verifysms.limit_name(limit)
    return ffi.string(C.verifysms_limit_name(limit))
end

-- The name of a rule, for example "PHONE_TOO_SHORT".
function verifysms.rule_name(rule)
    return ffi.string(C.verifysms_rule_name(rule))
end

-- The sentence that a new code can be asked for in so many seconds, in Hebrew for "he", otherwise in English.
function verifysms.wait_text(seconds, language)
    local buffer = ffi.new("char[256]")
    C.verifysms_wait_text(seconds, language, buffer, 256)
    return ffi.string(buffer)
end

-- A phone number as people write it, in the forms that services and databases want: a table with to (0501234567),
-- e164 (+972501234567) and kind (a PHONE_). Or nil and why not: its rule has a name in rule_name.
function verifysms.phone(text)
    local why = broken(text, "text")
    if why then
        return nil, why
    end
    local to, e164 = ffi.new("char[16]"), ffi.new("char[16]")
    local rule = C.verifysms_phone_normalize(text, to, 16)
    if rule ~= 0 then
        return nil, refused("text: is no phone number", rule)
    end
    C.verifysms_phone_e164(text, e164, 16)
    return { to = ffi.string(to), e164 = ffi.string(e164), kind = C.verifysms_phone_kind(text) }
end

-- What a message costs with a code of so many digits (8), and what is wrong with it: a table with encoding (an
-- ENCODING_), length, parts and warnings, each of which has kind (a WARNING_), position (-1: the whole text) and text.
-- Or nil and why not. Takes { sender =, origin =, digits = }.
function verifysms.inspect(message, with)
    with = with or {}
    local why = broken(message, "message") or broken(with.sender, "sender") or broken(with.origin, "origin")
    local found = not why and C.verifysms_message_inspect(message, with.sender, with.origin) or nil
    if found == nil then
        return nil, why or refused("message: is no text")
    end
    local read = {
        encoding = C.verifysms_message_encoding(found),
        length = C.verifysms_message_length(found, with.digits or 8),
        parts = C.verifysms_message_parts(found, with.digits or 8),
        warnings = {},
    }
    for index = 0, C.verifysms_message_warning_count(found) - 1 do
        read.warnings[index + 1] = {
            kind = C.verifysms_message_warning(found, index),
            position = C.verifysms_message_warning_position(found, index),
            text = ffi.string(C.verifysms_message_warning_text(found, index)),
        }
    end
    C.verifysms_message_free(found)
    return read
end

-- The version of the loaded library.
function verifysms.version()
    return ffi.string(C.verifysms_version())
end

return verifysms
