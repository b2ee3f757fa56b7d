/**
 * @file verifysms.hpp
 * @brief The C functions of verifysms.h as C++ classes: header only, C++11 and up.
 *
 * Every class holds one handle of the C library and nothing else, and frees it. It can be moved but
 * not copied. Each of its functions is an inline call of the C function with the same name. No
 * function here needs exceptions or run-time type information:
 * @code
 * verifysms::config config(std::getenv("VERIFYSMS_API_KEY"));
 * config.sender("Acme").timeout(std::chrono::seconds(20));
 * verifysms::client client(config);
 * if (!client) std::puts(config.error());
 * verifysms::send_result sent = client.send("050-123-4567");
 * verifysms::check_result checked = client.check("050-123-4567", typed);
 * if (checked) std::puts("the number is theirs");
 * @endcode
 * If you prefer exceptions, use verifysms::throwing_client in place of verifysms::client.
 *
 * Functions take strings as a verifysms::text: a literal, a std::string, from C++17 on a
 * std::string_view. They return const char *, owned by the object that it is read from, which a
 * std::string or a std::string_view can be made from.
 *
 * What verifysms.h says about threads, forks, deadlines, connections and codes holds here too.
 */
#ifndef VERIFYSMS_HPP
#define VERIFYSMS_HPP

#include "verifysms.h"

#include <chrono>
#include <climits>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>

/** @cond */
#if defined(_MSVC_LANG)
#define VERIFYSMS_CPLUSPLUS _MSVC_LANG
#else
#define VERIFYSMS_CPLUSPLUS __cplusplus
#endif

#if VERIFYSMS_CPLUSPLUS >= 201703L
#include <string_view>
#define VERIFYSMS_NODISCARD [[nodiscard]]
#define VERIFYSMS_NODISCARD_TYPE [[nodiscard]]
#else
#if defined(__GNUC__)
#define VERIFYSMS_NODISCARD __attribute__((warn_unused_result))
#else
#define VERIFYSMS_NODISCARD
#endif
#define VERIFYSMS_NODISCARD_TYPE
#endif

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
#define VERIFYSMS_EXCEPTIONS
#include <stdexcept>
#endif
/** @endcond */

/** A client of the web service 99 digital "Verify SMS" (Israel). */
namespace verifysms {

/** How a call ended; verifysms.h says what to do with each. Later versions may add some. */
enum class code : int {
    ok = VERIFYSMS_OK,                             /**< Send: accepted. Check: VERIFIED. */
    invalid_argument = VERIFYSMS_INVALID_ARGUMENT, /**< Refused before any I/O. */
    not_verified = VERIFYSMS_NOT_VERIFIED,         /**< Check: the service said anything but 1. */
    rejected = VERIFYSMS_REJECTED,                 /**< The service said FAIL, with a reason. */
    connect = VERIFYSMS_CONNECT,                   /**< No connection: DNS, TCP or proxy. */
    tls = VERIFYSMS_TLS,                           /**< The TLS handshake or the certificate. */
    timeout = VERIFYSMS_TIMEOUT,                   /**< The deadline passed. */
    connection_lost = VERIFYSMS_CONNECTION_LOST,   /**< Broken after the request began to leave. */
    http_status = VERIFYSMS_HTTP_STATUS,           /**< An HTTP answer not of the service's own. */
    bad_reply = VERIFYSMS_BAD_REPLY,               /**< Not understood, or another call's. */
    cancelled = VERIFYSMS_CANCELLED,               /**< client::cancel() or an interrupted wait. */
    internal = VERIFYSMS_INTERNAL,                 /**< A defect of the library, or no memory. */
    limited = VERIFYSMS_LIMITED,                   /**< A limit of the guard; nothing was sent. */
    guard_down = VERIFYSMS_GUARD_DOWN              /**< Its store cannot be asked; nothing was sent. */
};

/** Whether the request reached the service, and so whether the call may be repeated. */
enum class reached : int {
    no = VERIFYSMS_REACHED_NO,          /**< Nobody has read a byte: the call may be repeated; after
                                             code::limited not before result::retry_after(). */
    yes = VERIFYSMS_REACHED_YES,        /**< The service answered; the answer decides. */
    unknown = VERIFYSMS_REACHED_UNKNOWN /**< The SMS may be out, the code may be spent. */
};

/** The reason that the service gave. It may be a number that has no name here. */
enum class reason : int {
    unknown = 0,                                         /**< It gave none. */
    none = VERIFYSMS_REASON_NONE,                        /**< No failure. */
    sender_length = VERIFYSMS_REASON_SENDER_LENGTH,      /**< The sender is too long or short. */
    sender_not_approved = VERIFYSMS_REASON_SENDER_NOT_APPROVED, /**< A number not approved. */
    unknown_error = VERIFYSMS_REASON_UNKNOWN_ERROR,      /**< Not explained; ask its support. */
    wrong_api_key = VERIFYSMS_REASON_WRONG_API_KEY,      /**< Wrong API key. */
    to_empty = VERIFYSMS_REASON_TO_EMPTY,                /**< The phone number is empty. */
    sender_empty = VERIFYSMS_REASON_SENDER_EMPTY,        /**< The sender is empty. */
    message_without_code = VERIFYSMS_REASON_MESSAGE_WITHOUT_CODE /**< No place for the code. */
};

/** The rule that an argument or a setting broke. It may be a number that has no name here. */
enum class rule : int {
    none = 0, /**< None is broken. */
    phone_empty = VERIFYSMS_RULE_PHONE_EMPTY, /**< The phone number has no digit. */
    phone_too_short = VERIFYSMS_RULE_PHONE_TOO_SHORT, /**< The phone number has too few digits. */
    phone_too_long = VERIFYSMS_RULE_PHONE_TOO_LONG, /**< The phone number has too many digits. */
    phone_foreign = VERIFYSMS_RULE_PHONE_FOREIGN, /**< The phone number has the country code of another country. */
    phone_area_code = VERIFYSMS_RULE_PHONE_AREA_CODE, /**< The phone number has no Israeli area code. */
    phone_first_digit = VERIFYSMS_RULE_PHONE_FIRST_DIGIT, /**< The phone number begins with neither 0 nor a country code. */
    phone_plus = VERIFYSMS_RULE_PHONE_PLUS, /**< The phone number has a plus sign that is not at its beginning. */
    phone_letters = VERIFYSMS_RULE_PHONE_LETTERS, /**< The phone number has letters. */
    phone_character = VERIFYSMS_RULE_PHONE_CHARACTER, /**< The phone number has a character that no number has. */
    code_empty = VERIFYSMS_RULE_CODE_EMPTY, /**< The code is empty. */
    code_control = VERIFYSMS_RULE_CODE_CONTROL, /**< The code has a control character. */
    code_too_long = VERIFYSMS_RULE_CODE_TOO_LONG, /**< The code is longer than 16 characters. */
    sender_missing = VERIFYSMS_RULE_SENDER_MISSING, /**< Neither the client nor the call has a sender. */
    sender_empty = VERIFYSMS_RULE_SENDER_EMPTY, /**< The sender is empty. */
    sender_control = VERIFYSMS_RULE_SENDER_CONTROL, /**< The sender has a control character. */
    sender_foreign = VERIFYSMS_RULE_SENDER_FOREIGN, /**< The sender is a number of another country. */
    sender_too_long = VERIFYSMS_RULE_SENDER_TOO_LONG, /**< The sender is longer than 11 characters. */
    message_without_code = VERIFYSMS_RULE_MESSAGE_WITHOUT_CODE, /**< The message has no \#\#code\#\#. */
    api_key_missing = VERIFYSMS_RULE_API_KEY_MISSING, /**< There is no API key. */
    api_key_empty = VERIFYSMS_RULE_API_KEY_EMPTY, /**< The API key is empty. */
    api_key_control = VERIFYSMS_RULE_API_KEY_CONTROL, /**< The API key has a control character. */
    api_key_invisible = VERIFYSMS_RULE_API_KEY_INVISIBLE, /**< The API key has an invisible character or an unusual space inside. */
    url_malformed = VERIFYSMS_RULE_URL_MALFORMED, /**< The URL is not one. */
    url_without_host = VERIFYSMS_RULE_URL_WITHOUT_HOST, /**< The URL has no host. */
    url_with_user = VERIFYSMS_RULE_URL_WITH_USER, /**< The URL has a user name. */
    url_port = VERIFYSMS_RULE_URL_PORT, /**< The port of the URL is none. */
    url_scheme = VERIFYSMS_RULE_URL_SCHEME, /**< The URL begins with another scheme than https://. */
    url_unencrypted = VERIFYSMS_RULE_URL_UNENCRYPTED, /**< The URL is http:// to another machine, and that was not allowed. */
    timeout_too_short = VERIFYSMS_RULE_TIMEOUT_TOO_SHORT, /**< The time is less than a millisecond. */
    timeout_too_long = VERIFYSMS_RULE_TIMEOUT_TOO_LONG, /**< The time is more than 24 hours. */
    ca_file_empty = VERIFYSMS_RULE_CA_FILE_EMPTY, /**< The path of the CA file is empty. */
    ca_file_too_long = VERIFYSMS_RULE_CA_FILE_TOO_LONG, /**< The path of the CA file is longer than any system opens. */
    trust_unknown = VERIFYSMS_RULE_TRUST_UNKNOWN, /**< The trust is neither of the two. */
    proxy_malformed = VERIFYSMS_RULE_PROXY_MALFORMED, /**< The proxy is not an address. */
    proxy_login = VERIFYSMS_RULE_PROXY_LOGIN, /**< The login of the proxy has a character that would cut its address. */
    proxy_without_host = VERIFYSMS_RULE_PROXY_WITHOUT_HOST, /**< The proxy has no host. */
    proxy_port = VERIFYSMS_RULE_PROXY_PORT, /**< The port of the proxy is none. */
    proxy_scheme = VERIFYSMS_RULE_PROXY_SCHEME, /**< The proxy begins with another scheme than those of proxies. */
    null = VERIFYSMS_RULE_NULL, /**< A required argument is NULL. */
    not_utf8 = VERIFYSMS_RULE_NOT_UTF8, /**< A text is not valid UTF-8. */
    queue_in_use = VERIFYSMS_RULE_QUEUE_IN_USE, /**< The queue is in use by the callback that it called, or by another thread. */
    queue_of_parent = VERIFYSMS_RULE_QUEUE_OF_PARENT, /**< The queue belongs to the parent process. */
    client_closed = VERIFYSMS_RULE_CLIENT_CLOSED, /**< The client is closed. */
    buffer_too_small = VERIFYSMS_RULE_BUFFER_TOO_SMALL, /**< The buffer is NULL or too small for the result. */
    unique_empty = VERIFYSMS_RULE_UNIQUE_EMPTY, /**< The id of a message is empty. */
    unique_invalid = VERIFYSMS_RULE_UNIQUE_INVALID, /**< The id of a message has other characters than letters, digits, hyphens and underscores, or is too long. */
    end_user_too_long = VERIFYSMS_RULE_END_USER_TOO_LONG, /**< The end user is longer than 256 bytes. */
    end_user_control = VERIFYSMS_RULE_END_USER_CONTROL, /**< The end user has a control character. */
    guard_missing = VERIFYSMS_RULE_GUARD_MISSING, /**< The client has no guard. */
    guard_store = VERIFYSMS_RULE_GUARD_STORE, /**< The store of the guard is none; the text says what is wrong with it. */
    guard_secret_too_short = VERIFYSMS_RULE_GUARD_SECRET_TOO_SHORT, /**< The secret of the guard is shorter than 16 bytes. */
    guard_namespace = VERIFYSMS_RULE_GUARD_NAMESPACE, /**< The namespace of the guard has other characters, or too many. */
    guard_timeout = VERIFYSMS_RULE_GUARD_TIMEOUT, /**< The timeout of the guard is none that it may have. */
    guard_failure_unknown = VERIFYSMS_RULE_GUARD_FAILURE_UNKNOWN, /**< What happens while the guard's store cannot be asked is none of the three. */
    limit_invalid = VERIFYSMS_RULE_LIMIT_INVALID, /**< A limit is none, or allows what it cannot; the text says what is wrong with it. */
    origin_invalid = VERIFYSMS_RULE_ORIGIN_INVALID, /**< The origin is neither the name of a host nor an https origin of one. */
    app_hash_invalid = VERIFYSMS_RULE_APP_HASH_INVALID, /**< The app's hash is none. */
    message_has_origin = VERIFYSMS_RULE_MESSAGE_HAS_ORIGIN /**< The message has a line for browsers, and the call is to add another line. */
};

/** The kind of a phone number, by its first digits. Later versions may add some. */
enum class phone_kind : int {
    unknown = VERIFYSMS_PHONE_UNKNOWN,   /**< In no public table, or no number. */
    mobile = VERIFYSMS_PHONE_MOBILE,     /**< 050 to 056, 058 and 059. */
    landline = VERIFYSMS_PHONE_LANDLINE, /**< 02, 03, 04, 08 and 09. */
    voip = VERIFYSMS_PHONE_VOIP,         /**< 072 to 074 and 076 to 079. */
    kosher = VERIFYSMS_PHONE_KOSHER      /**< A mobile phone that cannot receive messages. */
};

/** How a message is encoded. */
enum class encoding : int {
    unknown = 0,                     /**< No message was inspected. */
    gsm7 = VERIFYSMS_ENCODING_GSM7, /**< 160 septets a message. */
    ucs2 = VERIFYSMS_ENCODING_UCS2  /**< 70 UTF-16 code units a message. */
};

/** What a warning about a message is about. Later versions may add some. */
enum class warning : int {
    none = 0, /**< There is no such warning. */
    without_code = VERIFYSMS_WARNING_WITHOUT_CODE, /**< The text has no \#\#code\#\#: the service refuses it (reason 10). */
    several_parts = VERIFYSMS_WARNING_SEVERAL_PARTS, /**< The text is longer than one message: each of its parts is billed. */
    costly_character = VERIFYSMS_WARNING_COSTLY_CHARACTER, /**< A character that an ordinary one could replace makes the text take more parts. */
    code_in_right_to_left_line = VERIFYSMS_WARNING_CODE_IN_RIGHT_TO_LEFT_LINE, /**< \#\#code\#\# shares its line with right-to-left letters, where phones may show it in another place (Unicode Standard Annex \#9). */
    direction_mark = VERIFYSMS_WARNING_DIRECTION_MARK, /**< An invisible mark that changes the direction of text. Old phones show it as a box. */
    webotp_missing = VERIFYSMS_WARNING_WEBOTP_MISSING, /**< A browser is to fill the code in, but the text has no line for it. */
    webotp_not_last = VERIFYSMS_WARNING_WEBOTP_NOT_LAST, /**< The line for browsers is not the last one, or a line break follows it. */
    webotp_form = VERIFYSMS_WARNING_WEBOTP_FORM, /**< The line for browsers is not \@host \#\#\#code\#\#, with one space and nothing else. */
    webotp_host = VERIFYSMS_WARNING_WEBOTP_HOST, /**< The host in the line for browsers has other characters than ASCII letters, digits, dots and hyphens. */
    webotp_origin = VERIFYSMS_WARNING_WEBOTP_ORIGIN, /**< The line for browsers names another site. */
    retriever_length = VERIFYSMS_WARNING_RETRIEVER_LENGTH, /**< The text has an app's hash, but is longer than the 140 bytes that Android's SMS Retriever accepts. */
    link = VERIFYSMS_WARNING_LINK, /**< The text has a link. Filters against fraud hold such messages back. */
    other_number = VERIFYSMS_WARNING_OTHER_NUMBER, /**< The text has another number, which phones may offer as the code. */
    sender_invalid = VERIFYSMS_WARNING_SENDER_INVALID, /**< The sender breaks a rule: it is refused. */
    sender_characters = VERIFYSMS_WARNING_SENDER_CHARACTERS, /**< The sender has other characters than ASCII letters, digits and spaces. Networks may replace it. */
    sender_number = VERIFYSMS_WARNING_SENDER_NUMBER /**< The sender is a number: the service refuses one that 99 digital has not approved (reason 3). */
};

/** What became of a message. Later versions may add some. */
enum class delivery_state : int {
    unknown = VERIFYSMS_DELIVERY_UNKNOWN, /**< The service reports a code that this library does not know. */
    pending = VERIFYSMS_DELIVERY_PENDING, /**< There is no report: not yet, no more (the service keeps it for a week), or no message has this id. */
    delivered = VERIFYSMS_DELIVERY_DELIVERED, /**< The phone has the message. */
    failed = VERIFYSMS_DELIVERY_FAILED, /**< The phone did not get it: it is off, out of reach, or its operator did not deliver. */
    blocked = VERIFYSMS_DELIVERY_BLOCKED, /**< The phone must not get it: a kosher number, a person who opted out, a message that is not allowed. */
    expired = VERIFYSMS_DELIVERY_EXPIRED /**< It was tried several times, until the time was over. */
};

/** What to do next about a message. Later versions may add some. */
enum class next_step : int {
    none = VERIFYSMS_NEXT_NONE, /**< Nothing: the message is there. */
    wait = VERIFYSMS_NEXT_WAIT, /**< Wait, and ask again. */
    retry_later = VERIFYSMS_NEXT_RETRY_LATER, /**< Send again later: the phone may be off. */
    another_number = VERIFYSMS_NEXT_ANOTHER_NUMBER, /**< Ask for another number: this one receives no messages. */
    opted_out = VERIFYSMS_NEXT_OPTED_OUT, /**< The person opted out of messages; only they can undo it, with their operator or the provider. */
    abroad = VERIFYSMS_NEXT_ABROAD, /**< The number is outside of Israel. */
    contact_support = VERIFYSMS_NEXT_CONTACT_SUPPORT /**< Ask the provider's support. */
};

/** Which certificate authorities to trust. */
enum class trust : int {
    system = VERIFYSMS_TRUST_SYSTEM,  /**< Those of the operating system. */
    bundled = VERIFYSMS_TRUST_BUNDLED /**< Mozilla's, as of the library's release. */
};

/** What happens while the store of the guard cannot be asked. */
enum class guard_failure : int {
    local = VERIFYSMS_GUARD_LOCAL,   /**< The same limits hold in the memory of this process. */
    refuse = VERIFYSMS_GUARD_REFUSE, /**< Calls end as code::guard_down. */
    allow = VERIFYSMS_GUARD_ALLOW    /**< Nothing is limited. */
};

/** A limit of the guard; verifysms.h has the defaults. Later versions may add some. */
enum class limit : int {
    none = 0,                                            /**< No limit. */
    cooldown = VERIFYSMS_LIMIT_COOLDOWN,                 /**< The pause between two sends to a number. */
    sends_number = VERIFYSMS_LIMIT_SENDS_NUMBER,         /**< Sends to a number. */
    sends_number_day = VERIFYSMS_LIMIT_SENDS_NUMBER_DAY, /**< Those of a day that were not verified. */
    sends_user = VERIFYSMS_LIMIT_SENDS_USER,             /**< Sends of an end user, not verified. */
    sends_range = VERIFYSMS_LIMIT_SENDS_RANGE,           /**< Sends to numbers alike, not verified. */
    sends_app = VERIFYSMS_LIMIT_SENDS_APP,               /**< All sends of the program. */
    tries = VERIFYSMS_LIMIT_TRIES,                       /**< Wrong codes since the last send. */
    failures_number = VERIFYSMS_LIMIT_FAILURES_NUMBER,   /**< Wrong codes for a number in a day. */
    failures_user = VERIFYSMS_LIMIT_FAILURES_USER        /**< Wrong codes of an end user. */
};

/** How much a log record matters. */
enum class log_level : int {
    warning = VERIFYSMS_LOG_WARNING, /**< For the operator: what the guard cannot do. */
    info = VERIFYSMS_LOG_INFO,       /**< A call: its outcome. */
    debug = VERIFYSMS_LOG_DEBUG      /**< One attempt to reach the service. */
};

/** What happened to a call: for counters and metrics. */
enum class event : int {
    other = VERIFYSMS_EVENT_OTHER,       /**< A call that is neither a send nor a check. */
    sent = VERIFYSMS_EVENT_SENT,         /**< The service accepted a message. */
    checked = VERIFYSMS_EVENT_CHECKED,   /**< The service looked at a code: not verified. */
    verified = VERIFYSMS_EVENT_VERIFIED, /**< The service looked at a code: verified. */
    refused = VERIFYSMS_EVENT_REFUSED,   /**< The service refused. */
    unknown = VERIFYSMS_EVENT_UNKNOWN,   /**< Nobody can tell: the SMS may be out, the code used up. */
    limited = VERIFYSMS_EVENT_LIMITED,   /**< A limit of the guard refused; nothing was sent. */
    failed = VERIFYSMS_EVENT_FAILED      /**< Nothing was sent for another reason. */
};

/** The end of a call in numbers. It has no text, and nothing of a person. */
struct call_end {
    verifysms::event event;            /**< What happened. */
    verifysms::code code;              /**< How the call ended. */
    verifysms::reached reached;        /**< Whether the request reached the service. */
    std::chrono::milliseconds elapsed; /**< How long the call took. */
    int attempt;                       /**< The attempt that ended it; 0 if none was made. */
    bool reused;                       /**< Whether its connection was kept from an earlier call. */
    verifysms::limit limit;            /**< The limit that refused it, or limit::none. */
};

/** Unix time in seconds, by the system's clock. */
using timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>;

/**
 * The name of a code, for example "NOT_VERIFIED".
 *
 * @param code A code.
 * @return The name, static; "" for a number that is no code.
 * @since 1.0
 */
VERIFYSMS_NODISCARD inline const char *code_name(verifysms::code code) noexcept
{
    return ::verifysms_code_name(static_cast<int>(code));
}

/**
 * The name of an event, for example "VERIFIED": a label of a metric.
 *
 * @param event An event.
 * @return The name, static; "" for a number that this version does not know.
 * @since 1.0
 */
VERIFYSMS_NODISCARD inline const char *event_name(verifysms::event event) noexcept
{
    return ::verifysms_event_name(static_cast<int>(event));
}

/**
 * The name of a limit, for example "SENDS_NUMBER".
 *
 * @param limit A limit.
 * @return The name, static; "" for a number that is no limit.
 * @since 1.0
 */
VERIFYSMS_NODISCARD inline const char *limit_name(verifysms::limit limit) noexcept
{
    return ::verifysms_limit_name(static_cast<int>(limit));
}

/**
 * The name of a rule, for example "PHONE_TOO_SHORT".
 *
 * @param rule A rule.
 * @return The name, static; "" for a number that is no rule.
 * @since 1.0
 */
VERIFYSMS_NODISCARD inline const char *rule_name(verifysms::rule rule) noexcept
{
    return ::verifysms_rule_name(static_cast<int>(rule));
}

/**
 * What a reason of the service means, in a few English words.
 *
 * @param reason A reason.
 * @return The text, static; "" for reason::unknown.
 * @since 1.0
 */
VERIFYSMS_NODISCARD inline const char *reason_text(verifysms::reason reason) noexcept
{
    return ::verifysms_reason_text(static_cast<int>(reason));
}

/**
 * The version of the loaded library, for example "1.0.0".
 *
 * @return Three numbers with dots, static.
 * @since 1.0
 */
VERIFYSMS_NODISCARD inline const char *version() noexcept
{
    return ::verifysms_version();
}

/**
 * A string argument: UTF-8, valid during the call.
 *
 * The compiler converts a program's strings to it; no program needs to name it. Only a
 * std::string_view is copied, because it lacks a NUL byte at its end. The library refuses a string
 * with a NUL byte inside, and never cuts it short.
 * @since 1.0
 */
class text {
public:
    /**
     * Takes a C string.
     * @param string Ends with a NUL byte. NULL means what the C function says.
     */
    text(const char *string) noexcept : string_(string) {}
    /** Takes no string: NULL. */
    text(std::nullptr_t) noexcept : string_(nullptr) {}
    /**
     * Takes a C++ string, without a copy.
     * @param string Outlives the call.
     */
    text(const std::string &string) noexcept : string_(whole(string.c_str(), string.size())) {}
#if VERIFYSMS_CPLUSPLUS >= 201703L
    /**
     * Copies a part of a string.
     * @param string Any, also an empty one.
     */
    text(std::string_view string) : copy_(new char[string.size() + 1])
    {
        copy_[string.copy(copy_.get(), string.size())] = '\0';
        string_ = whole(copy_.get(), string.size());
    }
#endif
#if defined(__cpp_char8_t)
    /**
     * Takes a literal like u8"…".
     * @param string Ends with a NUL byte.
     */
    text(const char8_t *string) noexcept : string_(reinterpret_cast<const char *>(string)) {}
#endif
    text(const text &) = delete;
    text &operator=(const text &) = delete;

    /**
     * The string as the C functions take it.
     * @return It ends with a NUL byte and lives as long as this object.
     */
    VERIFYSMS_NODISCARD const char *c_str() const noexcept { return string_; }

private:
    /* For a string with a NUL byte inside: a byte that is never in UTF-8, so that the library refuses it. */
    static const char *whole(const char *string, std::size_t size) noexcept
    {
        return std::strlen(string) == size ? string : "\xff";
    }

    /* The same in every standard: files that were compiled for different ones are linked together. */
    const char *string_ = nullptr;
    std::unique_ptr<char[]> copy_;
};

/**
 * The sentence that a new code can be asked for in some time, for a page with a countdown.
 *
 * @param time The wait; less than a second counts as one.
 * @param language "he" for Hebrew; NULL and any other text: English.
 * @return A sentence in UTF-8.
 * @since 1.0
 */
VERIFYSMS_NODISCARD inline std::string wait_text(std::chrono::seconds time, const text &language)
{
    const int seconds = time.count() > INT_MAX ? INT_MAX : time.count() < 0 ? 0 : static_cast<int>(time.count());
    char sentence[256];
    static_cast<void>(::verifysms_wait_text(seconds, language.c_str(), sentence, sizeof sentence));
    return sentence;
}

/**
 * A phone number in the forms that services and databases want. Needs no client and no network.
 * @since 1.0
 */
class phone {
public:
    /**
     * Reads a number.
     * @param written An Israeli phone number as people write it.
     */
    explicit phone(const text &written) noexcept
        : rule_(::verifysms_phone_normalize(written.c_str(), to_, sizeof to_)),
          kind_(::verifysms_phone_kind(written.c_str()))
    {
        static_cast<void>(::verifysms_phone_e164(written.c_str(), e164_, sizeof e164_));
    }
    /** Whether it is a number. */
    VERIFYSMS_NODISCARD explicit operator bool() const noexcept { return rule_ == 0; }
    /**
     * The rule that the text breaks.
     * @return rule::none if it is a number.
     */
    VERIFYSMS_NODISCARD verifysms::rule rule() const noexcept
    {
        return static_cast<verifysms::rule>(rule_);
    }
    /**
     * The service's form. Count your limits by it.
     * @return For example "0501234567"; "" if it is no number.
     */
    VERIFYSMS_NODISCARD const char *to() const noexcept { return to_; }
    /**
     * The international form.
     * @return For example "+972501234567"; "" if it is no number.
     */
    VERIFYSMS_NODISCARD const char *e164() const noexcept { return e164_; }
    /**
     * The kind of number.
     * @return A hint: numbers are ported.
     */
    VERIFYSMS_NODISCARD phone_kind kind() const noexcept { return static_cast<phone_kind>(kind_); }

private:
    char to_[VERIFYSMS_PHONE_SIZE];
    char e164_[VERIFYSMS_PHONE_SIZE];
    int rule_;
    int kind_;
};

/** Frees the handles; an implementation detail. */
namespace detail {
/** Frees any of the handles. */
struct freer {
    /** Frees settings. @param handle Not NULL. */
    void operator()(::verifysms_config *handle) const noexcept { ::verifysms_config_free(handle); }
    /** Frees a client. @param handle Not NULL. */
    void operator()(::verifysms_client *handle) const noexcept { ::verifysms_client_free(handle); }
    /** Frees a queue. @param handle Not NULL. */
    void operator()(::verifysms_queue *handle) const noexcept { ::verifysms_queue_free(handle); }
    /** Frees a request. @param handle Not NULL. */
    void operator()(::verifysms_request *handle) const noexcept { ::verifysms_request_free(handle); }
    /** Frees a result. @param handle Not NULL. */
    void operator()(::verifysms_result *handle) const noexcept { ::verifysms_result_free(handle); }
    /** Frees an inspected message. @param handle Not NULL. */
    void operator()(::verifysms_message *handle) const noexcept { ::verifysms_message_free(handle); }
};

/** As the C functions take it: as many as an int holds. @param time A time. @return Milliseconds. */
inline int milliseconds(std::chrono::milliseconds time) noexcept
{
    return time.count() > INT_MAX ? INT_MAX : time.count() < 0 ? 0 : static_cast<int>(time.count());
}
} // namespace detail

/**
 * A message template, inspected before it is sent: what it costs, and what phones and browsers make of it.
 * Needs no client and no network.
 * @since 1.0
 */
class message {
public:
    /**
     * Inspects a template.
     * @param with_code Has \#\#code\#\# where the code will stand.
     * @param sender The sender; NULL: it is not inspected.
     * @param origin The host of the page on which a browser is to fill the code in; NULL: there is none.
     */
    explicit message(const text &with_code, const text &sender = nullptr, const text &origin = nullptr) noexcept
        : handle_(::verifysms_message_inspect(with_code.c_str(), sender.c_str(), origin.c_str()))
    {
    }
    /** False if a string was no text, or if the object was moved from. */
    VERIFYSMS_NODISCARD explicit operator bool() const noexcept { return handle_ != nullptr; }
    /**
     * The encoding that the text needs.
     * @return One of the two.
     */
    VERIFYSMS_NODISCARD verifysms::encoding encoding() const noexcept
    {
        return static_cast<verifysms::encoding>(::verifysms_message_encoding(get()));
    }
    /**
     * The length in units of the encoding.
     * @param digits How many digits the code has.
     * @return Septets or UTF-16 code units.
     */
    VERIFYSMS_NODISCARD int length(int digits = 8) const noexcept
    {
        return ::verifysms_message_length(get(), digits);
    }
    /**
     * The parts in which the text is sent, each of which is billed.
     * @param digits How many digits the code has.
     * @return At least 1.
     */
    VERIFYSMS_NODISCARD int parts(int digits = 8) const noexcept
    {
        return ::verifysms_message_parts(get(), digits);
    }
    /**
     * The number of warnings.
     * @return 0 if nothing is wrong.
     */
    VERIFYSMS_NODISCARD int warning_count() const noexcept { return ::verifysms_message_warning_count(get()); }
    /**
     * What a warning is about.
     * @param index From 0.
     * @return warning::none if there is no such warning.
     */
    VERIFYSMS_NODISCARD verifysms::warning warning(int index) const noexcept
    {
        return static_cast<verifysms::warning>(::verifysms_message_warning(get(), index));
    }
    /**
     * The place that a warning is about.
     * @param index From 0.
     * @return Which character of the text, counted from 0; -1 if it is about the whole text.
     */
    VERIFYSMS_NODISCARD int warning_position(int index) const noexcept
    {
        return ::verifysms_message_warning_position(get(), index);
    }
    /**
     * A warning in words.
     * @param index From 0.
     * @return One English sentence, owned by this object.
     */
    VERIFYSMS_NODISCARD const char *warning_text(int index) const noexcept
    {
        return ::verifysms_message_warning_text(get(), index);
    }
    /**
     * The handle, for the functions of verifysms.h.
     * @return Owned by this object; NULL once it was moved from.
     */
    VERIFYSMS_NODISCARD const ::verifysms_message *get() const noexcept { return handle_.get(); }

private:
    std::unique_ptr<::verifysms_message, detail::freer> handle_;
};

/**
 * The settings of a client. Setters can be chained. The settings keep the first error, so that a
 * program may check once, when client does not convert to true.
 *
 * One thread at a time.
 * @since 1.0
 */
class config {
public:
    /**
     * Starts the settings.
     * @param api_key The account's key. NULL or an empty one is an error.
     */
    explicit config(const text &api_key) : handle_(::verifysms_config_new(api_key.c_str())) {}
    /**
     * Settings from VERIFYSMS_API_KEY, VERIFYSMS_SENDER and VERIFYSMS_URL.
     * @return The settings; error() names a variable that is missing or invalid.
     */
    VERIFYSMS_NODISCARD static config from_env() noexcept
    {
        return config(::verifysms_config_from_env(), 0);
    }

    /**
     * The sender ID to show on the phone.
     * @param name A name or an approved number, at most 11 characters; NULL: none, the default.
     * @return The same settings.
     */
    config &sender(const text &name) noexcept
    {
        return set(::verifysms_config_set_sender(get(), name.c_str()));
    }
    /**
     * The message template.
     * @param with_code Has \#\#code\#\# where the code will stand; NULL: the service's own text.
     * @return The same settings.
     */
    config &message(const text &with_code) noexcept
    {
        return set(::verifysms_config_set_message(get(), with_code.c_str()));
    }
    /**
     * The address of the service, for example of a sandbox.
     * @param address Begins with https://; NULL: VERIFYSMS_URL, the default.
     * @return The same settings.
     */
    config &url(const text &address) noexcept
    {
        return set(::verifysms_config_set_url(get(), address.c_str()));
    }
    /**
     * The address of Delivery Status.
     * @param address Begins with https://; NULL: on the host of the service, the default.
     * @return The same settings.
     */
    config &delivery_url(const text &address) noexcept
    {
        return set(::verifysms_config_set_delivery_url(get(), address.c_str()));
    }
    /**
     * The total deadline of a call, which ends at most 5 ms late on a machine that is not busy.
     * @param whole_call 1 ms to 24 h; the default is 30 s.
     * @return The same settings.
     */
    config &timeout(std::chrono::milliseconds whole_call) noexcept
    {
        return set(::verifysms_config_set_timeout_ms(get(), detail::milliseconds(whole_call)));
    }
    /**
     * How long one attempt to connect may take.
     * @param one_attempt 1 ms to 24 h; the default is 10 s.
     * @return The same settings.
     */
    config &connect_timeout(std::chrono::milliseconds one_attempt) noexcept
    {
        return set(
            ::verifysms_config_set_connect_timeout_ms(get(), detail::milliseconds(one_attempt)));
    }
    /**
     * The proxy.
     * @param address Like http://user:password\@host:3128, user and password percent-encoded; "":
     *                none; NULL, the default: from the environment, see verifysms.h.
     * @return The same settings.
     */
    config &proxy(const text &address) noexcept
    {
        return set(::verifysms_config_set_proxy(get(), address.c_str()));
    }
    /**
     * The certificate authorities to trust instead of all others.
     * @param pem_path A file in PEM format, of at most 4 MiB, read within the deadline of the first
     *                 call that needs it; NULL, the default: see trust().
     * @return The same settings.
     */
    config &ca_file(const text &pem_path) noexcept
    {
        return set(::verifysms_config_set_ca_file(get(), pem_path.c_str()));
    }
    /**
     * The certificate authorities to trust when no file of them is named.
     * @param whose The default is trust::system.
     * @return The same settings.
     */
    config &trust(verifysms::trust whose) noexcept
    {
        return set(::verifysms_config_set_trust(get(), static_cast<int>(whose)));
    }
    /**
     * Whether the key may travel over plain http:// to another machine. It is never wise.
     * @param yes The default is false.
     * @return The same settings.
     */
    config &allow_http(bool yes) noexcept
    {
        return set(::verifysms_config_set_allow_http(get(), yes ? 1 : 0));
    }
    /**
     * Where the guard keeps its counts, see "The guard" in verifysms.h.
     * @param store "memory:", the default; "file:/path"; "redis://host" and its like; NULL: no guard.
     * @return The same settings.
     */
    config &guard(const text &store) noexcept
    {
        return set(::verifysms_config_set_guard(get(), store.c_str()));
    }
    /**
     * A limit of the guard: at most so many in any time of this length.
     * @param which A limit.
     * @param most  How many; 0: this limit is off, whatever the time.
     * @param time  The time, 1 second to 31 days.
     * @return The same settings.
     */
    config &limit(verifysms::limit which, int most,
        std::chrono::seconds time = std::chrono::seconds(0)) noexcept
    {
        const int seconds = time.count() > INT_MAX || time.count() < 0 ? 0 : static_cast<int>(time.count());
        return set(::verifysms_config_set_limit(get(), static_cast<int>(which), most, seconds));
    }
    /**
     * What hides numbers and end users in the store of the guard.
     * @param secret At least 16 bytes, the same for all programs that share a store; NULL, the default:
     *               derived from the API key.
     * @return The same settings.
     */
    config &guard_secret(const text &secret) noexcept
    {
        return set(::verifysms_config_set_guard_secret(get(), secret.c_str()));
    }
    /**
     * The namespace of the guard's counts. Programs that share a store and a namespace count together.
     * @param name 1 to 64 ASCII letters, digits, dots, dashes or underscores; NULL: "verifysms", the
     *             default.
     * @return The same settings.
     */
    config &guard_namespace(const text &name) noexcept
    {
        return set(::verifysms_config_set_guard_namespace(get(), name.c_str()));
    }
    /**
     * How long a call waits for the store of the guard, within its own deadline.
     * @param one_step 1 ms to 10 s; the default is 250 ms.
     * @return The same settings.
     */
    config &guard_timeout(std::chrono::milliseconds one_step) noexcept
    {
        return set(
            ::verifysms_config_set_guard_timeout_ms(get(), detail::milliseconds(one_step)));
    }
    /**
     * What happens while the store of the guard cannot be asked.
     * @param what The default is guard_failure::local.
     * @return The same settings.
     */
    config &guard_failure(verifysms::guard_failure what) noexcept
    {
        return set(::verifysms_config_set_guard_failure(get(), static_cast<int>(what)));
    }
    /**
     * A function that receives log records, in the thread that makes the call or takes results.
     * @param function Called as function(log_level, const char *). It must not throw, may be called
     *                 from several threads at once, and must live as long as a client made from
     *                 these settings.
     * @return The same settings.
     */
    template <class Function> config &log(Function &function) noexcept
    {
        return set(::verifysms_config_set_log(get(), &call_log<Function>, pointer(function)));
    }
    /**
     * A function that receives the end of each call in numbers, in the thread that makes the call or
     * takes results: for counters and metrics.
     * @param function Called as function(const call_end &). It must not throw, may be called from
     *                 several threads at once, and must live as long as a client made from these
     *                 settings.
     * @return The same settings.
     */
    template <class Function> config &event(Function &function) noexcept
    {
        return set(::verifysms_config_set_event(get(), &call_event<Function>, pointer(function)));
    }
    /**
     * A function that is called while a call waits, in the thread that makes the call.
     * @param function Called as function(); true ends the call as code::cancelled. It must not
     *                 throw, and must live as long as a client made from these settings.
     * @return The same settings.
     */
    template <class Function> config &interrupt(Function &function) noexcept
    {
        return set(
            ::verifysms_config_set_interrupt(get(), &call_interrupt<Function>, pointer(function)));
    }

    /**
     * The first error.
     * @return One sentence that names the setting, or the environment variable, and its rule; "" if there
     *         was no error.
     */
    VERIFYSMS_NODISCARD const char *error() const noexcept
    {
        return ::verifysms_config_error(get());
    }
    /**
     * The rule that the first invalid setting broke.
     * @return rule::none if there was no error.
     */
    VERIFYSMS_NODISCARD verifysms::rule rule() const noexcept
    {
        return static_cast<verifysms::rule>(::verifysms_config_rule(get()));
    }
    /**
     * The handle, for the functions of verifysms.h.
     * @return Owned by this object; NULL once it was moved from.
     */
    VERIFYSMS_NODISCARD ::verifysms_config *get() const noexcept { return handle_.get(); }

private:
    /* Two parameters: of one, NULL would be taken for a handle. */
    config(::verifysms_config *handle, int) noexcept : handle_(handle) {}

    /* The settings keep the error. */
    config &set(int) noexcept { return *this; }

    template <class Function> static void *pointer(Function &function) noexcept
    {
        return const_cast<void *>(static_cast<const void *>(std::addressof(function)));
    }
    template <class Function>
    static void VERIFYSMS_CALL call_log(void *function, int level, const char *message) noexcept
    {
        (*static_cast<Function *>(function))(static_cast<log_level>(level), message);
    }
    template <class Function>
    static void VERIFYSMS_CALL call_event(void *function, int event, int code, int reached, int milliseconds,
        int attempt, int reused, int limit) noexcept
    {
        const call_end end = {static_cast<verifysms::event>(event), static_cast<verifysms::code>(code),
            static_cast<verifysms::reached>(reached), std::chrono::milliseconds(milliseconds), attempt,
            reused != 0, static_cast<verifysms::limit>(limit)};
        (*static_cast<Function *>(function))(end);
    }
    template <class Function> static int VERIFYSMS_CALL call_interrupt(void *function) noexcept
    {
        return (*static_cast<Function *>(function))() ? 1 : 0;
    }

    std::unique_ptr<::verifysms_config, detail::freer> handle_;
};

/**
 * What one call may carry: a number, and who asks. Setters can be chained. It may serve any number of
 * calls, in any number of threads while nobody changes it.
 *
 * One thread at a time while it is changed. A value that is refused is what its calls report.
 * @since 1.0
 */
class request {
public:
    /**
     * About a number.
     * @param to An Israeli phone number as people write it.
     */
    explicit request(const text &to) noexcept : handle_(::verifysms_request_new(to.c_str())) {}

    /**
     * Who asks: the guard counts their sends and wrong codes.
     * @param who The address at the other end of the connection, or any id that one person keeps. Not
     *            from a header that anybody can send; see verifysms_request_set_end_user(). NULL: nobody
     *            is known, the default.
     * @return The same request.
     */
    request &end_user(const text &who) noexcept
    {
        return set(::verifysms_request_set_end_user(get(), who.c_str()));
    }
    /**
     * The sender of a send.
     * @param name As config::sender(); NULL: the client's own, the default.
     * @return The same request.
     */
    request &sender(const text &name) noexcept
    {
        return set(::verifysms_request_set_sender(get(), name.c_str()));
    }
    /**
     * The message of a send.
     * @param with_code As config::message(); NULL: the client's own, the default.
     * @return The same request.
     */
    request &message(const text &with_code) noexcept
    {
        return set(::verifysms_request_set_message(get(), with_code.c_str()));
    }
    /**
     * The page on which a browser may fill the code in: adds its line to the message of a send.
     * @param host As verifysms_request_set_origin(), such as "example.co.il"; NULL: no line, the default.
     * @return The same request.
     */
    request &origin(const text &host) noexcept
    {
        return set(::verifysms_request_set_origin(get(), host.c_str()));
    }
    /**
     * The Android app that may read the message of a send: adds a line with its hash.
     * @param hash As verifysms_request_set_app_hash(), 11 characters; NULL: none, the default.
     * @return The same request.
     */
    request &app_hash(const text &hash) noexcept
    {
        return set(::verifysms_request_set_app_hash(get(), hash.c_str()));
    }
    /**
     * The total deadline of the call.
     * @param whole_call 1 ms to 24 h; the default is the client's own.
     * @return The same request.
     */
    request &timeout(std::chrono::milliseconds whole_call) noexcept
    {
        return set(
            ::verifysms_request_set_timeout_ms(get(), detail::milliseconds(whole_call)));
    }
    /**
     * The handle, for the functions of verifysms.h.
     * @return Owned by this object; NULL once it was moved from.
     */
    VERIFYSMS_NODISCARD ::verifysms_request *get() const noexcept { return handle_.get(); }

private:
    /* The request keeps the error for its calls. */
    request &set(int) noexcept { return *this; }

    std::unique_ptr<::verifysms_request, detail::freer> handle_;
};

/**
 * What the results of all calls have in common. Any thread may read it at any time. The result owns the
 * strings. Where there is no value, a string is "" and a number 0.
 * @since 1.0
 */
class result {
public:
    /**
     * How the call ended.
     * @return One of the codes; code::internal once the result was moved from.
     */
    VERIFYSMS_NODISCARD verifysms::code code() const noexcept
    {
        return static_cast<verifysms::code>(::verifysms_result_code(get()));
    }
    /**
     * Whether the request reached the service.
     * @return Repeat the call only after reached::no; verifysms.h says more.
     */
    VERIFYSMS_NODISCARD verifysms::reached reached() const noexcept
    {
        return static_cast<verifysms::reached>(::verifysms_result_reached(get()));
    }
    /**
     * The rule that an argument broke.
     * @return rule::none unless the code is code::invalid_argument.
     */
    VERIFYSMS_NODISCARD verifysms::rule rule() const noexcept
    {
        return static_cast<verifysms::rule>(::verifysms_result_rule(get()));
    }
    /**
     * One sentence for the person who signs up: what they can do.
     * @param language "he" for Hebrew; NULL and any other text: English.
     * @return A sentence that is owned by the result.
     */
    VERIFYSMS_NODISCARD const char *user_text(const text &language) const noexcept
    {
        return ::verifysms_result_user_text(get(), language.c_str());
    }
    /**
     * The reason that the service gave.
     * @return Its number, named or not.
     */
    VERIFYSMS_NODISCARD verifysms::reason reason() const noexcept
    {
        return static_cast<verifysms::reason>(::verifysms_result_reason(get()));
    }
    /**
     * The HTTP status of the answer.
     * @return For example 200.
     */
    VERIFYSMS_NODISCARD int http_status() const noexcept
    {
        return ::verifysms_result_http_status(get());
    }
    /**
     * The limit that makes the next such call wait; for code::limited the one that refused this call.
     * @return limit::none if there is none.
     */
    VERIFYSMS_NODISCARD verifysms::limit limit() const noexcept
    {
        return static_cast<verifysms::limit>(::verifysms_result_limit(get()));
    }
    /**
     * How long the next such call has to wait: after an accepted send the next send, for the countdown
     * on a page.
     * @return Whole seconds, rounded up; 0: not at all.
     */
    VERIFYSMS_NODISCARD std::chrono::seconds retry_after() const noexcept
    {
        return std::chrono::seconds(::verifysms_result_retry_after(get()));
    }
    /**
     * How many wrong codes may still be tried, after a send or a wrong code.
     * @return Their number; -1 if nobody counts them.
     */
    VERIFYSMS_NODISCARD int tries_left() const noexcept
    {
        return ::verifysms_result_tries_left(get());
    }
    /**
     * The phone number in the service's form.
     * @return For example "0501234567".
     */
    VERIFYSMS_NODISCARD const char *to() const noexcept { return ::verifysms_result_to(get()); }
    /**
     * One English sentence for a log.
     * @return A text without key, code or full phone number.
     */
    VERIFYSMS_NODISCARD const char *message() const noexcept
    {
        return ::verifysms_result_message(get());
    }
    /**
     * The handle, for the functions of verifysms.h.
     * @return Owned by this object; NULL once it was moved from.
     */
    VERIFYSMS_NODISCARD const ::verifysms_result *get() const & noexcept { return handle_.get(); }
    /** Not on a temporary: its handle would dangle, and as a condition a handle is always true. */
    const ::verifysms_result *get() const && = delete;

protected:
    /**
     * Takes ownership of a result.
     * @param handle What a function of the C library returned.
     */
    explicit result(::verifysms_result *handle) noexcept : handle_(handle) {}

private:
    std::unique_ptr<::verifysms_result, detail::freer> handle_;
};

/** The outcome of a send. It is no truth value: an accepted message verifies nobody. @since 1.0 */
class send_result : public result {
public:
    /**
     * Whether the service accepted the message.
     * @return True for code::ok alone.
     */
    VERIFYSMS_NODISCARD bool accepted() const noexcept { return code() == verifysms::code::ok; }
    /**
     * The message's id, with which the provider's Delivery Status can be asked.
     * @return "" without one.
     */
    VERIFYSMS_NODISCARD const char *unique() const noexcept
    {
        return ::verifysms_result_unique(get());
    }
    /**
     * The sender that was used.
     * @return "" without one.
     */
    VERIFYSMS_NODISCARD const char *sender() const noexcept
    {
        return ::verifysms_result_sender(get());
    }
    /**
     * When the service accepted the message.
     * @return The epoch without such a time.
     */
    VERIFYSMS_NODISCARD verifysms::timestamp timestamp() const noexcept
    {
        return verifysms::timestamp(std::chrono::seconds(::verifysms_result_timestamp(get())));
    }

private:
    friend class client;
    using result::result;
};

/** The outcome of a connect. It is no truth value: a connection verifies nobody. @since 1.0 */
class connect_result : public result {
public:
    /**
     * Whether there is a connection.
     * @return True for code::ok alone.
     */
    VERIFYSMS_NODISCARD bool connected() const noexcept { return code() == verifysms::code::ok; }

private:
    friend class client;
    using result::result;
};

/** What became of a message. It is no truth value: a delivered message verifies nobody. @since 1.0 */
class delivery_result : public result {
public:
    /**
     * What became of the message.
     * @return delivery_state::unknown also if the service did not answer: see code().
     */
    VERIFYSMS_NODISCARD delivery_state state() const noexcept
    {
        return static_cast<delivery_state>(::verifysms_result_delivery_state(get()));
    }
    /**
     * What to do next.
     * @return next_step::none also if the service did not answer.
     */
    VERIFYSMS_NODISCARD next_step next() const noexcept
    {
        return static_cast<next_step>(::verifysms_result_delivery_next(get()));
    }
    /**
     * The provider's own code. 0 is one of those for a delivered message.
     * @return VERIFYSMS_DELIVERY_CODE_NONE without one.
     */
    VERIFYSMS_NODISCARD int delivery_code() const noexcept
    {
        return ::verifysms_result_delivery_code(get());
    }
    /**
     * The provider's words in Hebrew.
     * @return "" without any.
     */
    VERIFYSMS_NODISCARD const char *hebrew() const noexcept
    {
        return ::verifysms_result_delivery_hebrew(get());
    }
    /**
     * The provider's words in English.
     * @return "" without any.
     */
    VERIFYSMS_NODISCARD const char *english() const noexcept
    {
        return ::verifysms_result_delivery_english(get());
    }
    /**
     * The date of the report as it came; its time zone is not documented.
     * @return "" without one.
     */
    VERIFYSMS_NODISCARD const char *date() const noexcept
    {
        return ::verifysms_result_delivery_date(get());
    }
    /**
     * The operator of the phone.
     * @return "" without one.
     */
    VERIFYSMS_NODISCARD const char *phone_operator() const noexcept
    {
        return ::verifysms_result_delivery_operator(get());
    }

private:
    friend class client;
    using result::result;
};

/** What the guard did or knows: of forget or guard_show. It is no truth value. @since 1.0 */
class guard_result : public result {
public:
    /**
     * Whether the store answered. After guard_show message() has each limit that is on, and
     * retry_after() says when the next send may go.
     * @return True for code::ok alone.
     */
    VERIFYSMS_NODISCARD bool answered() const noexcept { return code() == verifysms::code::ok; }

private:
    friend class client;
    using result::result;
};

/** The outcome of a check, which is true only if the number is verified. @since 1.0 */
class VERIFYSMS_NODISCARD_TYPE check_result : public result {
public:
    /**
     * Whether the service verified the number.
     * @return True for code::ok alone.
     */
    VERIFYSMS_NODISCARD bool verified() const noexcept { return code() == verifysms::code::ok; }
    /** The same, for `if (checked)`. */
    VERIFYSMS_NODISCARD explicit operator bool() const noexcept { return verified(); }
    /**
     * The service's raw status. The provider names 1 alone; give no meaning to the others.
     * @return 0 without one.
     */
    VERIFYSMS_NODISCARD int status() const noexcept { return ::verifysms_result_status(get()); }

private:
    friend class client;
    using result::result;
};

/**
 * A client: it keeps connections to the service and makes calls.
 *
 * Any number of threads may call its const functions at once. Free or move it only when no other
 * thread uses it.
 * @since 1.0
 */
class client {
public:
    /**
     * Makes a client; opens nothing.
     * @param config Settings, which may be changed or freed afterwards.
     */
    explicit client(const config &config) noexcept : handle_(::verifysms_client_new(config.get()))
    {
    }
    /** False if a setting was refused, see config::error(), or if the client was moved from. */
    VERIFYSMS_NODISCARD explicit operator bool() const noexcept { return handle_ != nullptr; }

    /**
     * Opens a connection ahead, TLS included. Call it when the page opens on which a person types their
     * number: the send that follows within a minute then takes one round trip instead of four.
     * @return The outcome, which may be ignored: the next call connects by itself.
     */
    connect_result connect() const noexcept
    {
        return connect_result(::verifysms_client_connect(get()));
    }
    /**
     * Sends a code to a phone number by SMS.
     * @param to An Israeli phone number as people write it.
     * @return The outcome. Repeat the call only if it is reached::no.
     */
    VERIFYSMS_NODISCARD send_result send(const text &to) const noexcept
    {
        return send_result(::verifysms_send(get(), to.c_str()));
    }
    /**
     * The same with a sender or message in place of the client's own.
     * @param to An Israeli phone number as people write it.
     * @param sender As config::sender(); NULL: the client's own.
     * @param message As config::message(); NULL: the client's own.
     * @return As send().
     */
    VERIFYSMS_NODISCARD send_result send_with(
        const text &to, const text &sender, const text &message) const noexcept
    {
        return send_result(
            ::verifysms_send_with(get(), to.c_str(), sender.c_str(), message.c_str()));
    }
    /**
     * Checks the code that a person typed.
     * @param to The number that received the message.
     * @param code What the person typed.
     * @return The outcome, true only if the number is verified.
     */
    VERIFYSMS_NODISCARD check_result check(const text &to, const text &code) const noexcept
    {
        return check_result(::verifysms_check(get(), to.c_str(), code.c_str()));
    }
    /**
     * Sends a code, with what a request carries.
     * @param request A number, and who asks.
     * @return As send().
     */
    VERIFYSMS_NODISCARD send_result send(const request &request) const noexcept
    {
        return send_result(::verifysms_send_request(get(), request.get()));
    }
    /**
     * Checks the code that a person typed, with the number, the end user and the deadline of a request.
     * @param request A number, and who asks.
     * @param code    What the person typed.
     * @return As check().
     */
    VERIFYSMS_NODISCARD check_result check(const request &request, const text &code) const noexcept
    {
        return check_result(::verifysms_check_request(get(), request.get(), code.c_str()));
    }
    /**
     * Forgets what the guard knows of a number. For a call centre that unlocks a person.
     * @param to An Israeli phone number as people write it.
     * @return Whether the store answered.
     */
    guard_result forget(const text &to) const noexcept
    {
        return guard_result(::verifysms_forget(get(), to.c_str()));
    }
    /**
     * Says how far the limits of a number are used. Changes nothing.
     * @param to An Israeli phone number as people write it.
     * @return Whether the store answered, and what it said.
     */
    VERIFYSMS_NODISCARD guard_result guard_show(const text &to) const noexcept
    {
        return guard_result(::verifysms_guard_show(get(), to.c_str()));
    }
    /**
     * Asks what became of a message.
     * @param unique The message's id, from send_result::unique().
     * @return The outcome. The question may be repeated.
     */
    VERIFYSMS_NODISCARD delivery_result delivery(const text &unique) const noexcept
    {
        return delivery_result(::verifysms_delivery(get(), unique.c_str()));
    }
    /** Ends the calls of other threads as code::cancelled. */
    void cancel() const noexcept { ::verifysms_client_cancel(get()); }
    /**
     * The handle, for the functions of verifysms.h.
     * @return Owned by this object; NULL once it was moved from.
     */
    VERIFYSMS_NODISCARD ::verifysms_client *get() const noexcept { return handle_.get(); }

private:
    std::unique_ptr<::verifysms_client, detail::freer> handle_;
};

/** The outcome of one call of a queue. @since 1.0 */
class VERIFYSMS_NODISCARD_TYPE queue_result : public result {
public:
    /** No outcome yet: its code is code::internal. */
    queue_result() noexcept : result(nullptr), user_data_(nullptr) {}
    /**
     * Whether this is a check, and the service verified the number.
     * @return False for everything else, also for an accepted message.
     */
    VERIFYSMS_NODISCARD bool verified() const noexcept
    {
        return code() == verifysms::code::ok && ::verifysms_result_status(get()) == 1;
    }
    /**
     * What became of a message, if this is a delivery.
     * @return delivery_state::unknown for everything else.
     */
    VERIFYSMS_NODISCARD delivery_state state() const noexcept
    {
        return static_cast<delivery_state>(::verifysms_result_delivery_state(get()));
    }
    /**
     * The user data of the call.
     * @return The pointer with which the call was started.
     */
    VERIFYSMS_NODISCARD void *user_data() const noexcept { return user_data_; }

private:
    friend class queue;
    queue_result(::verifysms_result *handle, void *user_data) noexcept
        : result(handle), user_data_(user_data)
    {
    }

    void *user_data_;
};

/**
 * Any number of calls at once in one thread that has an event loop, see verifysms_queue_new().
 *
 * One thread at a time.
 * @since 1.0
 */
class queue {
public:
    /**
     * Makes a queue; starts nothing.
     * @param client A client, which may be freed before the queue.
     */
    explicit queue(const client &client) noexcept : handle_(::verifysms_queue_new(client.get())) {}
    /** False if there was no descriptor left, or if the queue was moved from. */
    VERIFYSMS_NODISCARD explicit operator bool() const noexcept { return handle_ != nullptr; }

    /**
     * The descriptor to wait for, on Windows a SOCKET: it is readable when next() has something to do.
     * @return A descriptor that is closed with the queue; -1 once it was moved from.
     */
    VERIFYSMS_NODISCARD int descriptor() const noexcept
    {
        return ::verifysms_queue_descriptor(get());
    }
    /**
     * Starts what client::send_with() does.
     * @param user_data Given back with the result.
     * @param to An Israeli phone number as people write it.
     * @param sender As config::sender(); NULL: the client's own.
     * @param message As config::message(); NULL: the client's own.
     * @return code::ok when it was started, also if an argument is refused: that is its result.
     */
    verifysms::code send(void *user_data, const text &to, const text &sender = nullptr,
        const text &message = nullptr) const noexcept
    {
        return static_cast<verifysms::code>(::verifysms_queue_send(
            get(), to.c_str(), sender.c_str(), message.c_str(), user_data));
    }
    /**
     * Starts what client::check() does.
     * @param user_data Given back with the result.
     * @param to The number that received the message.
     * @param code What the person typed.
     * @return As send().
     */
    verifysms::code check(void *user_data, const text &to, const text &code) const noexcept
    {
        return static_cast<verifysms::code>(
            ::verifysms_queue_check(get(), to.c_str(), code.c_str(), user_data));
    }
    /**
     * Starts what client::send() does with a request.
     * @param user_data Given back with the result.
     * @param request A number, and who asks; it may be changed or freed at once.
     * @return As send().
     */
    verifysms::code send(void *user_data, const request &request) const noexcept
    {
        return static_cast<verifysms::code>(
            ::verifysms_queue_send_request(get(), request.get(), user_data));
    }
    /**
     * Starts what client::check() does with a request.
     * @param user_data Given back with the result.
     * @param request A number, and who asks; it may be changed or freed at once.
     * @param code    What the person typed.
     * @return As send().
     */
    verifysms::code check(void *user_data, const request &request, const text &code) const noexcept
    {
        return static_cast<verifysms::code>(
            ::verifysms_queue_check_request(get(), request.get(), code.c_str(), user_data));
    }
    /**
     * Starts what client::connect() does.
     * @param user_data Given back with the result.
     * @return As send().
     */
    verifysms::code connect(void *user_data) const noexcept
    {
        return static_cast<verifysms::code>(::verifysms_queue_connect(get(), user_data));
    }
    /**
     * Starts what client::delivery() does.
     * @param user_data Given back with the result.
     * @param unique The message's id, from send_result::unique().
     * @return As send().
     */
    verifysms::code delivery(void *user_data, const text &unique) const noexcept
    {
        return static_cast<verifysms::code>(
            ::verifysms_queue_delivery(get(), unique.c_str(), user_data));
    }
    /**
     * Drives the calls, and takes a result if there is one.
     * @param result Receives the result.
     * @return False if there is none until the descriptor is readable again.
     */
    VERIFYSMS_NODISCARD bool next(queue_result &result) const noexcept
    {
        void *user_data = nullptr;
        ::verifysms_result *handle = ::verifysms_queue_next(get(), &user_data);
        result = queue_result(handle, user_data);
        return handle != nullptr;
    }
    /**
     * How many calls were started whose results have not been taken.
     * @return Their number.
     */
    VERIFYSMS_NODISCARD int count() const noexcept { return ::verifysms_queue_count(get()); }
    /**
     * Ends the calls with this user data as code::cancelled.
     * @param user_data The pointer with which they were started.
     * @return How many calls that are.
     */
    int cancel(void *user_data) const noexcept
    {
        return ::verifysms_queue_cancel(get(), user_data);
    }
    /**
     * The handle, for the functions of verifysms.h.
     * @return Owned by this object; NULL once it was moved from.
     */
    VERIFYSMS_NODISCARD ::verifysms_queue *get() const noexcept { return handle_.get(); }

private:
    std::unique_ptr<::verifysms_queue, detail::freer> handle_;
};

#if defined(VERIFYSMS_EXCEPTIONS)

/** What throwing_client throws: a call that ended without an answer. @since 1.0 */
class error : public std::runtime_error {
public:
    /**
     * For a call.
     * @param result Its outcome.
     */
    explicit error(const result &result)
        : std::runtime_error(result.message()), code_(result.code()), reached_(result.reached()),
          rule_(result.rule()), reason_(result.reason()), http_status_(result.http_status()),
          limit_(result.limit()), retry_after_(result.retry_after())
    {
    }
    /**
     * For settings.
     * @param config Settings with an error.
     */
    explicit error(const config &config)
        : std::runtime_error(config.error()), code_(verifysms::code::invalid_argument),
          reached_(verifysms::reached::no), rule_(config.rule()), reason_(verifysms::reason::unknown),
          http_status_(0), limit_(verifysms::limit::none), retry_after_(0)
    {
    }

    /** As result::code(). @return Neither code::ok nor code::not_verified. */
    VERIFYSMS_NODISCARD verifysms::code code() const noexcept { return code_; }
    /** As result::reached(). @return Repeat the call only after reached::no. */
    VERIFYSMS_NODISCARD verifysms::reached reached() const noexcept { return reached_; }
    /** As result::rule(). @return rule::none unless the code is code::invalid_argument. */
    VERIFYSMS_NODISCARD verifysms::rule rule() const noexcept { return rule_; }
    /** As result::reason(). @return Its number, named or not. */
    VERIFYSMS_NODISCARD verifysms::reason reason() const noexcept { return reason_; }
    /** As result::http_status(). @return 0 without an answer. */
    VERIFYSMS_NODISCARD int http_status() const noexcept { return http_status_; }
    /** As result::limit(). @return The limit that refused the call, for code::limited. */
    VERIFYSMS_NODISCARD verifysms::limit limit() const noexcept { return limit_; }
    /** As result::retry_after(). @return Do not repeat the call before. */
    VERIFYSMS_NODISCARD std::chrono::seconds retry_after() const noexcept { return retry_after_; }

private:
    verifysms::code code_;
    verifysms::reached reached_;
    verifysms::rule rule_;
    verifysms::reason reason_;
    int http_status_;
    verifysms::limit limit_;
    std::chrono::seconds retry_after_;
};

/**
 * A client whose calls throw an error if they end without an answer. A wrong code is an answer.
 *
 * Threads as for client.
 * @since 1.0
 */
class throwing_client {
public:
    /**
     * Makes a client; opens nothing. Throws an error that names a wrong setting.
     * @param config Settings, which may be changed or freed afterwards.
     */
    explicit throwing_client(const config &config) : client_(config)
    {
        if (!client_) {
            throw error(config);
        }
    }

    /**
     * As client::connect(). Throws nothing: the next call connects by itself.
     * @return The outcome.
     */
    connect_result connect() const noexcept { return client_.connect(); }
    /**
     * As client::send().
     * @param to An Israeli phone number as people write it.
     * @return An accepted message.
     */
    send_result send(const text &to) const { return accepted(client_.send(to)); }
    /**
     * As client::send_with().
     * @param to An Israeli phone number as people write it.
     * @param sender NULL: the client's own.
     * @param message NULL: the client's own.
     * @return An accepted message.
     */
    send_result send_with(const text &to, const text &sender, const text &message) const
    {
        return accepted(client_.send_with(to, sender, message));
    }
    /**
     * As client::check().
     * @param to The number that received the message.
     * @param code What the person typed.
     * @return True only if the number is verified.
     */
    VERIFYSMS_NODISCARD check_result check(const text &to, const text &code) const
    {
        return judged(client_.check(to, code));
    }
    /**
     * As client::send().
     * @param request A number, and who asks.
     * @return An accepted message.
     */
    send_result send(const request &request) const { return accepted(client_.send(request)); }
    /**
     * As client::check().
     * @param request A number, and who asks.
     * @param code    What the person typed.
     * @return True only if the number is verified.
     */
    VERIFYSMS_NODISCARD check_result check(const request &request, const text &code) const
    {
        return judged(client_.check(request, code));
    }
    /**
     * As client::forget().
     * @param to An Israeli phone number as people write it.
     * @return The store's answer.
     */
    guard_result forget(const text &to) const { return told(client_.forget(to)); }
    /**
     * As client::guard_show().
     * @param to An Israeli phone number as people write it.
     * @return The store's answer.
     */
    VERIFYSMS_NODISCARD guard_result guard_show(const text &to) const
    {
        return told(client_.guard_show(to));
    }
    /**
     * As client::delivery().
     * @param unique The message's id.
     * @return What became of the message.
     */
    VERIFYSMS_NODISCARD delivery_result delivery(const text &unique) const
    {
        delivery_result reported = client_.delivery(unique);
        if (reported.code() != verifysms::code::ok) {
            throw error(reported);
        }
        return reported;
    }
    /** As client::cancel(). */
    void cancel() const noexcept { client_.cancel(); }

private:
    static send_result accepted(send_result sent)
    {
        if (!sent.accepted()) {
            throw error(sent);
        }
        return sent;
    }
    static check_result judged(check_result checked)
    {
        if (!checked && checked.code() != verifysms::code::not_verified) {
            throw error(checked);
        }
        return checked;
    }
    static guard_result told(guard_result said)
    {
        if (!said.answered()) {
            throw error(said);
        }
        return said;
    }

    client client_;
};

#endif

} // namespace verifysms

#undef VERIFYSMS_CPLUSPLUS
#undef VERIFYSMS_NODISCARD
#undef VERIFYSMS_NODISCARD_TYPE
#undef VERIFYSMS_EXCEPTIONS

#endif /* VERIFYSMS_HPP */
