/**
 * @file verifysms.h
 * @brief Prove that a person owns a phone number: send a code by SMS, check what they typed.
 *
 * A client library of the web service 99 digital "Verify SMS" (Israel). This header is generated
 * from the library's source.
 *
 * Make settings, make a client from them, make a call, read its result, free everything:
 * @code
 * verifysms_config *config = verifysms_config_new(getenv("VERIFYSMS_API_KEY"));
 * verifysms_config_set_sender(config, "Acme");
 * verifysms_client *client = verifysms_client_new(config);
 * if (client == NULL) puts(verifysms_config_error(config));
 * verifysms_result *sent = verifysms_send(client, "050-123-4567");
 * verifysms_result *checked = verifysms_check(client, "050-123-4567", typed);
 * if (verifysms_result_code(checked) == VERIFYSMS_OK) puts("the number is theirs");
 * @endcode
 * It limits sends and tries by itself: see "The guard", below.
 *
 * Strings and handles:
 * - Strings are UTF-8 and end with a NUL byte. Arguments are copied. A string that a function returns
 *   belongs to the handle that it was read from.
 * - Free every handle once, with the _free function of its type, and read it before. No function frees or
 *   keeps its arguments. Freeing NULL does nothing; reading from NULL returns a neutral value.
 * - Every call returns a result, whatever happened: that the pointer is not NULL says nothing. Ask
 *   verifysms_result_code().
 * - Settings keep their first error for good: correct the value and start with new settings.
 *
 * Threads:
 * - Any number of threads may use a client at once. Only one thread at a time may use settings.
 * - Thread cancellation is disabled inside every function and in your callbacks. pthread_cancel() takes
 *   effect at the next cancellation point after the function has returned; verifysms_client_cancel() ends
 *   the call sooner. A thread whose cancelability type is asynchronous may lose the result of the function.
 * - No function takes more than 64 KiB of stack, including what the thread already has on it. Your
 *   callbacks come on top.
 *
 * The guard:
 * - It limits how often a code may be guessed and a message sent, before anything goes to the service,
 *   which documents no limits of its own. It is on by default: VERIFYSMS_LIMIT_ has every limit with its
 *   default, verifysms_config_set_limit() changes one, verifysms_config_set_guard() with NULL ends all.
 * - A call that it refuses ends as VERIFYSMS_LIMITED with VERIFYSMS_REACHED_NO: nothing left. It may be
 *   repeated, but not before verifysms_result_retry_after() has passed. verifysms_result_limit() says
 *   which limit it was. After an accepted send verifysms_result_retry_after() is when the next may go, for
 *   the countdown on a page, and verifysms_result_tries_left() how many wrong codes may be tried.
 * - Give the end user, verifysms_request_set_end_user(), if you know one, so that a stranger who knows
 *   somebody's number uses up their own tries and not that person's. Without end users all who ask about a
 *   number are one.
 * - A send is counted until it is sure that no message went out, a check until the service has said that
 *   the code was right or that it judged none. So nobody tries more by breaking connections off.
 * - The counts are kept in this process ("memory:", the default), in a file for all processes of a
 *   machine, or in Redis for many machines. A store has no number, code or address in it, only keyed
 *   hashes; the key comes from the API key, or verifysms_config_set_guard_secret().
 * - Each client with "memory:" counts by itself: make one client, or name a file. It has room for about
 *   20,000 numbers, end users and ranges in 8 MB; when it is full, a new one takes the place of one that was
 *   not used for long.
 * - After fork() a child goes on from its own copy of what "memory:" has counted, so that N processes
 *   allow up to N times as much: give programs that fork, such as pre-forked web workers, a file.
 * - A file is opened, locked with flock(2), and closed by each call; nothing of it stays in the process. It
 *   must lie on a local file system, below no folder that everybody may write to (/tmp, which is sticky,
 *   may be above one's own), belong to the user of the process and have the mode 0600; it is made so. It
 *   is sparse and takes up to 34 MB. To remove it is to forget all counts.
 * - If the store cannot be asked within 250 ms (verifysms_config_set_guard_timeout_ms(), part of the
 *   call's deadline), the same limits hold in this process for a second, then it is asked again; or the
 *   call ends as VERIFYSMS_GUARD_DOWN, or nothing is limited: verifysms_config_set_guard_failure().
 * - Time is that of the system's wall clock, with Redis that of its server. If the clock is set back,
 *   what lies in the future counts as now; if it is set forward, limits end early.
 * - man 7 verifysms-guard has all rules, and advice for who runs it.
 *
 * Callbacks (your log function, your event function and your interrupt function):
 * - They run in the thread that makes the call, so in several threads at once if several make calls. A
 *   queue calls the first two only, in the thread that calls verifysms_queue_next() or
 *   verifysms_queue_free(). No lock of the client is held meanwhile.
 * - They may make calls, also with the same client, cancel calls, and free the client of the call.
 * - They may fork: see Processes, below.
 * - They may take their time, but the deadline of the call goes on.
 * - They must return normally. longjmp(), pthread_exit() or an exception out of one ends the process, or
 *   leaves the call's locks and memory behind.
 * - They must not keep the message of a log record, or enable thread cancellation.
 * - They cannot use the queue that calls them: it refuses, and nothing changes.
 *
 * Deadlines and connections:
 * - A call ends within its deadline, at most 5 ms late on a machine that is not busy, 20 ms on Windows. The
 *   deadline covers name lookups, CA files, connecting, TLS, both directions and retries.
 * - Connections are kept for the next calls, at most 8 when no call is in flight. A connection is used
 *   again until it was idle for 60 seconds, or one second less than the server's Keep-Alive says; the next
 *   call after that closes it. TCP keepalive probes it every 15 seconds, so that firewalls do not forget
 *   it; a connection that was forgotten nevertheless is not used.
 * - A number is checked once over a connection, and an answer that leaves a doubt ends its connection. So
 *   a copy of an answer never counts as the answer to another call. One case remains: a service that
 *   answers another question on a new connection. If its answer to a check names no phone number, nobody
 *   can tell.
 *
 * Processes:
 * - After fork() the child may use the client at once. It opens its own connections and leaves its
 *   parent's alone. Children of _Fork(), clone() and system calls are noticed as well, by their process id
 *   and by a page that the kernel wipes in them (MADV_WIPEONFORK); so are those of vfork(), which should
 *   call nothing here. No fork handler is registered.
 * - A child may free its parent's handles, also a client or a queue that another thread was using when the
 *   process forked. It must not free what another thread was making or freeing at that moment, or settings
 *   that it was changing.
 * - If a callback forks, its call goes on in the parent. In the child it ends as VERIFYSMS_CANCELLED with
 *   VERIFYSMS_REACHED_UNKNOWN, also if the log or event function forks after the answer was read;
 *   there it has no event.
 * - If another thread was looking up a name when the process forked, the lookups of the C library may stay
 *   locked in the child: there, calls that need one end as VERIFYSMS_TIMEOUT with VERIFYSMS_REACHED_NO.
 *   Make the first client of a process before other threads fork: a child that is forked meanwhile may
 *   not make a client of its own.
 * - No function prints, exits, aborts, raises a signal, or lets a panic or an exception out.
 * - Descriptors of the library are above 2 and are closed by exec. If a program closes its standard output
 *   and then prints, nothing of it goes to the service.
 * - verifysms_config_from_env() reads VERIFYSMS_API_KEY, VERIFYSMS_SENDER and VERIFYSMS_URL.
 * - The library reads these environment variables: HTTPS_PROXY, ALL_PROXY, NO_PROXY in both cases, and
 *   http_proxy (in verifysms_client_new(), see verifysms_config_set_proxy()), SSL_CERT_FILE and
 *   SSL_CERT_DIR (at the first TLS connection). It looks HTTP_PROXY up and ignores it. The C library
 *   reads its own for name lookups, such as RES_OPTIONS.
 *
 * Windows (7 and later):
 * - The DLL is verifysms-1.dll, of 64 or of 32 bits. C and C++ need no __declspec(dllimport). Paths are in
 *   UTF-8 as well.
 * - On 32 bits its functions and your callbacks are cdecl. verifysms-1-stdcall.dll is the same library
 *   with stdcall, for Visual Basic, VBA and PowerBuilder: there C and C++ define VERIFYSMS_STDCALL before
 *   this header is included. Functions and callbacks are declared with VERIFYSMS_CALL. On 64 bits there
 *   is one convention.
 * - There is no fork and no signal. Sockets are not inherited. The DLL stays loaded once a client was made.
 * - The certificate authorities are those of the user's and the machine's certificate store, unless
 *   SSL_CERT_FILE or SSL_CERT_DIR is set. The proxies of the control panel are not used.
 *
 * Without memory:
 * - When the system has no memory, the library goes on with a reserve of 1 MiB. The first call of a
 *   function sets it aside; until then it takes no memory.
 * - Calls that run meanwhile, of any client, end as VERIFYSMS_INTERNAL with the message "out of memory",
 *   and say truly whether the request may have left. A function that returns a code returns
 *   VERIFYSMS_INTERNAL; verifysms_client_new() returns NULL.
 * - Once there is memory, everything works again, except that a setting which was refused for lack of it
 *   stays refused. If there is no memory even for the reserve, verifysms_config_new() and calls without a
 *   client return NULL, which every function accepts.
 * - The rest is beyond the library. glibc ends a process that has no memory for a thread's first use of a
 *   library which was loaded with dlopen(); it may end it, or leave its lookups locked, when a name lookup
 *   gets no memory. The reserve is enough for some dozens of calls at once, not for thousands.
 */
#ifndef VERIFYSMS_H
#define VERIFYSMS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How functions and callbacks are called: see Windows, above. Elsewhere it is empty. */
#if defined(VERIFYSMS_STDCALL) && defined(_WIN32) && !defined(_WIN64)
#define VERIFYSMS_CALL __stdcall
#else
#define VERIFYSMS_CALL
#endif

/** The version that a program is compiled against; verifysms_version() is the one that runs. */
#define VERIFYSMS_VERSION "1.0.0"
/** Its first number: programs of another are not compatible. */
#define VERIFYSMS_VERSION_MAJOR 1
/** Its second number: a later one has more functions. */
#define VERIFYSMS_VERSION_MINOR 0
/** Its third number. */
#define VERIFYSMS_VERSION_PATCH 0
/** All three for `#if`: 1.2.3 is 10203. */
#define VERIFYSMS_VERSION_NUMBER 10000
/** The service's address. */
#define VERIFYSMS_URL "https://api.99digital.co.il/sms/verifySMS"

/** The settings of a client. */
typedef struct verifysms_config verifysms_config;
/** A client: it keeps connections to the service and makes calls. */
typedef struct verifysms_client verifysms_client;
/** Calls of a client in a program that has an event loop. */
typedef struct verifysms_queue verifysms_queue;
/** What one call may carry: a number, an end user, and so on. */
typedef struct verifysms_request verifysms_request;
/** The outcome of a call. */
typedef struct verifysms_result verifysms_result;
/** An inspected message: what it costs, and what is wrong with it. */
typedef struct verifysms_message verifysms_message;


/**
 * Send: the message was accepted. Check: the number is VERIFIED.
 */
#define VERIFYSMS_OK 0

/**
 * An argument is invalid. Nothing was sent; the message names the argument and the rule.
 */
#define VERIFYSMS_INVALID_ARGUMENT 1

/**
 * Check: the service answered with another status than 1.
 */
#define VERIFYSMS_NOT_VERIFIED 2

/**
 * The service said FAIL; verifysms_result_reason() has its number.
 */
#define VERIFYSMS_REJECTED 3

/**
 * No connection: DNS, TCP or proxy.
 */
#define VERIFYSMS_CONNECT 4

/**
 * The TLS handshake or the certificate.
 */
#define VERIFYSMS_TLS 5

/**
 * The deadline passed.
 */
#define VERIFYSMS_TIMEOUT 6

/**
 * The connection was reset or closed after a part of the request was sent.
 */
#define VERIFYSMS_CONNECTION_LOST 7

/**
 * An HTTP answer that is not the service's: a proxy's page, a 5xx, a redirect.
 */
#define VERIFYSMS_HTTP_STATUS 8

/**
 * The answer was not understood, was too large, was about another number, or may belong to another
 * call.
 */
#define VERIFYSMS_BAD_REPLY 9

/**
 * verifysms_client_cancel(), or an interrupted wait.
 */
#define VERIFYSMS_CANCELLED 10

/**
 * A defect of the library, kept from the program; or no memory, which the message then says.
 */
#define VERIFYSMS_INTERNAL 11

/**
 * A limit of the guard is reached; verifysms_result_limit() and verifysms_result_retry_after() say
 * more. Nothing was sent.
 */
#define VERIFYSMS_LIMITED 12

/**
 * The store of the guard cannot be asked, and VERIFYSMS_GUARD_REFUSE is set. Nothing was sent.
 */
#define VERIFYSMS_GUARD_DOWN 13

/**
 * Nobody has read a byte of the request: the call may be repeated.
 */
#define VERIFYSMS_REACHED_NO 0

/**
 * The service answered; the answer decides.
 */
#define VERIFYSMS_REACHED_YES 1

/**
 * Bytes were sent, and no usable answer came back: the SMS may be out, the code may be used up.
 */
#define VERIFYSMS_REACHED_UNKNOWN 2

/**
 * The service's reason 1: no failure.
 */
#define VERIFYSMS_REASON_NONE 1

/**
 * The service's reason 2: the sender is too long or too short.
 */
#define VERIFYSMS_REASON_SENDER_LENGTH 2

/**
 * The service's reason 3: the sender is a number that 99 digital has not approved.
 */
#define VERIFYSMS_REASON_SENDER_NOT_APPROVED 3

/**
 * The service's reason 5: an error that it does not explain; contact its support.
 */
#define VERIFYSMS_REASON_UNKNOWN_ERROR 5

/**
 * The service's reason 6: wrong API key.
 */
#define VERIFYSMS_REASON_WRONG_API_KEY 6

/**
 * The service's reason 7: the phone number is empty.
 */
#define VERIFYSMS_REASON_TO_EMPTY 7

/**
 * The service's reason 9: the sender is empty.
 */
#define VERIFYSMS_REASON_SENDER_EMPTY 9

/**
 * The service's reason 10: a message was given but has no \#\#code\#\#.
 */
#define VERIFYSMS_REASON_MESSAGE_WITHOUT_CODE 10

/**
 * The phone number has no digit.
 */
#define VERIFYSMS_RULE_PHONE_EMPTY 1

/**
 * The phone number has too few digits.
 */
#define VERIFYSMS_RULE_PHONE_TOO_SHORT 2

/**
 * The phone number has too many digits.
 */
#define VERIFYSMS_RULE_PHONE_TOO_LONG 3

/**
 * The phone number has the country code of another country.
 */
#define VERIFYSMS_RULE_PHONE_FOREIGN 4

/**
 * The phone number has no Israeli area code.
 */
#define VERIFYSMS_RULE_PHONE_AREA_CODE 5

/**
 * The phone number begins with neither 0 nor a country code.
 */
#define VERIFYSMS_RULE_PHONE_FIRST_DIGIT 6

/**
 * The phone number has a plus sign that is not at its beginning.
 */
#define VERIFYSMS_RULE_PHONE_PLUS 7

/**
 * The phone number has letters.
 */
#define VERIFYSMS_RULE_PHONE_LETTERS 8

/**
 * The phone number has a character that no number has.
 */
#define VERIFYSMS_RULE_PHONE_CHARACTER 9

/**
 * The code is empty.
 */
#define VERIFYSMS_RULE_CODE_EMPTY 10

/**
 * The code has a control character.
 */
#define VERIFYSMS_RULE_CODE_CONTROL 11

/**
 * The code is longer than 16 characters.
 */
#define VERIFYSMS_RULE_CODE_TOO_LONG 12

/**
 * Neither the client nor the call has a sender.
 */
#define VERIFYSMS_RULE_SENDER_MISSING 13

/**
 * The sender is empty.
 */
#define VERIFYSMS_RULE_SENDER_EMPTY 14

/**
 * The sender has a control character.
 */
#define VERIFYSMS_RULE_SENDER_CONTROL 15

/**
 * The sender is a number of another country.
 */
#define VERIFYSMS_RULE_SENDER_FOREIGN 16

/**
 * The sender is longer than 11 characters.
 */
#define VERIFYSMS_RULE_SENDER_TOO_LONG 17

/**
 * The message has no \#\#code\#\#.
 */
#define VERIFYSMS_RULE_MESSAGE_WITHOUT_CODE 18

/**
 * There is no API key.
 */
#define VERIFYSMS_RULE_API_KEY_MISSING 19

/**
 * The API key is empty.
 */
#define VERIFYSMS_RULE_API_KEY_EMPTY 20

/**
 * The API key has a control character.
 */
#define VERIFYSMS_RULE_API_KEY_CONTROL 21

/**
 * The API key has an invisible character or an unusual space inside.
 */
#define VERIFYSMS_RULE_API_KEY_INVISIBLE 22

/**
 * The URL is not one.
 */
#define VERIFYSMS_RULE_URL_MALFORMED 23

/**
 * The URL has no host.
 */
#define VERIFYSMS_RULE_URL_WITHOUT_HOST 24

/**
 * The URL has a user name.
 */
#define VERIFYSMS_RULE_URL_WITH_USER 25

/**
 * The port of the URL is none.
 */
#define VERIFYSMS_RULE_URL_PORT 26

/**
 * The URL begins with another scheme than https://.
 */
#define VERIFYSMS_RULE_URL_SCHEME 27

/**
 * The URL is http:// to another machine, and that was not allowed.
 */
#define VERIFYSMS_RULE_URL_UNENCRYPTED 28

/**
 * The time is less than a millisecond.
 */
#define VERIFYSMS_RULE_TIMEOUT_TOO_SHORT 29

/**
 * The time is more than 24 hours.
 */
#define VERIFYSMS_RULE_TIMEOUT_TOO_LONG 30

/**
 * The path of the CA file is empty.
 */
#define VERIFYSMS_RULE_CA_FILE_EMPTY 31

/**
 * The path of the CA file is longer than any system opens.
 */
#define VERIFYSMS_RULE_CA_FILE_TOO_LONG 32

/**
 * The trust is neither of the two.
 */
#define VERIFYSMS_RULE_TRUST_UNKNOWN 33

/**
 * The proxy is not an address.
 */
#define VERIFYSMS_RULE_PROXY_MALFORMED 34

/**
 * The login of the proxy has a character that would cut its address.
 */
#define VERIFYSMS_RULE_PROXY_LOGIN 35

/**
 * The proxy has no host.
 */
#define VERIFYSMS_RULE_PROXY_WITHOUT_HOST 36

/**
 * The port of the proxy is none.
 */
#define VERIFYSMS_RULE_PROXY_PORT 37

/**
 * The proxy begins with another scheme than those of proxies.
 */
#define VERIFYSMS_RULE_PROXY_SCHEME 38

/**
 * A required argument is NULL.
 */
#define VERIFYSMS_RULE_NULL 39

/**
 * A text is not valid UTF-8.
 */
#define VERIFYSMS_RULE_NOT_UTF8 40

/**
 * The queue is in use by the callback that it called, or by another thread.
 */
#define VERIFYSMS_RULE_QUEUE_IN_USE 41

/**
 * The queue belongs to the parent process.
 */
#define VERIFYSMS_RULE_QUEUE_OF_PARENT 42

/**
 * The client is closed.
 */
#define VERIFYSMS_RULE_CLIENT_CLOSED 43

/**
 * The buffer is NULL or too small for the result.
 */
#define VERIFYSMS_RULE_BUFFER_TOO_SMALL 44

/**
 * The id of a message is empty.
 */
#define VERIFYSMS_RULE_UNIQUE_EMPTY 45

/**
 * The id of a message has other characters than letters, digits, hyphens and underscores, or is too long.
 */
#define VERIFYSMS_RULE_UNIQUE_INVALID 46

/**
 * The end user is longer than 256 bytes.
 */
#define VERIFYSMS_RULE_END_USER_TOO_LONG 47

/**
 * The end user has a control character.
 */
#define VERIFYSMS_RULE_END_USER_CONTROL 48

/**
 * The client has no guard.
 */
#define VERIFYSMS_RULE_GUARD_MISSING 49

/**
 * The store of the guard is none; the text says what is wrong with it.
 */
#define VERIFYSMS_RULE_GUARD_STORE 50

/**
 * The secret of the guard is shorter than 16 bytes.
 */
#define VERIFYSMS_RULE_GUARD_SECRET_TOO_SHORT 51

/**
 * The namespace of the guard has other characters, or too many.
 */
#define VERIFYSMS_RULE_GUARD_NAMESPACE 52

/**
 * The timeout of the guard is none that it may have.
 */
#define VERIFYSMS_RULE_GUARD_TIMEOUT 53

/**
 * What happens while the guard's store cannot be asked is none of the three.
 */
#define VERIFYSMS_RULE_GUARD_FAILURE_UNKNOWN 54

/**
 * A limit is none, or allows what it cannot; the text says what is wrong with it.
 */
#define VERIFYSMS_RULE_LIMIT_INVALID 55

/**
 * The origin is neither the name of a host nor an https origin of one.
 */
#define VERIFYSMS_RULE_ORIGIN_INVALID 56

/**
 * The app's hash is none.
 */
#define VERIFYSMS_RULE_APP_HASH_INVALID 57

/**
 * The message has a line for browsers, and the call is to add another line.
 */
#define VERIFYSMS_RULE_MESSAGE_HAS_ORIGIN 58

/**
 * A phone number in a range that no public table allocates, or no number.
 */
#define VERIFYSMS_PHONE_UNKNOWN 0

/**
 * A mobile phone: 050 to 056, 058 and 059.
 */
#define VERIFYSMS_PHONE_MOBILE 1

/**
 * A landline: 02, 03, 04, 08 and 09. Few can receive messages.
 */
#define VERIFYSMS_PHONE_LANDLINE 2

/**
 * Telephony over the internet: 072 to 074 and 076 to 079. Few can receive messages.
 */
#define VERIFYSMS_PHONE_VOIP 3

/**
 * A mobile phone of a "kosher" plan, which cannot receive messages: 050-41, 052-71 and 052-76.
 */
#define VERIFYSMS_PHONE_KOSHER 4

/**
 * The size of a buffer for any form of a phone number, its NUL byte included.
 */
#define VERIFYSMS_PHONE_SIZE 16

/**
 * The GSM alphabet: 7 bits a character, 160 septets a message.
 */
#define VERIFYSMS_ENCODING_GSM7 1

/**
 * Any character: 16 bits each, 70 units a message.
 */
#define VERIFYSMS_ENCODING_UCS2 2

/**
 * The text has no \#\#code\#\#: the service refuses it (reason 10).
 */
#define VERIFYSMS_WARNING_WITHOUT_CODE 1

/**
 * The text is longer than one message: each of its parts is billed.
 */
#define VERIFYSMS_WARNING_SEVERAL_PARTS 2

/**
 * A character that an ordinary one could replace makes the text take more parts.
 */
#define VERIFYSMS_WARNING_COSTLY_CHARACTER 3

/**
 * \#\#code\#\# shares its line with right-to-left letters, where phones may show it in another place (Unicode Standard Annex \#9).
 */
#define VERIFYSMS_WARNING_CODE_IN_RIGHT_TO_LEFT_LINE 4

/**
 * An invisible mark that changes the direction of text. Old phones show it as a box.
 */
#define VERIFYSMS_WARNING_DIRECTION_MARK 5

/**
 * A browser is to fill the code in, but the text has no line for it.
 */
#define VERIFYSMS_WARNING_WEBOTP_MISSING 6

/**
 * The line for browsers is not the last one, or a line break follows it.
 */
#define VERIFYSMS_WARNING_WEBOTP_NOT_LAST 7

/**
 * The line for browsers is not \@host \#\#\#code\#\#, with one space and nothing else.
 */
#define VERIFYSMS_WARNING_WEBOTP_FORM 8

/**
 * The host in the line for browsers has other characters than ASCII letters, digits, dots and hyphens.
 */
#define VERIFYSMS_WARNING_WEBOTP_HOST 9

/**
 * The line for browsers names another site.
 */
#define VERIFYSMS_WARNING_WEBOTP_ORIGIN 10

/**
 * The text has an app's hash, but is longer than the 140 bytes that Android's SMS Retriever accepts.
 */
#define VERIFYSMS_WARNING_RETRIEVER_LENGTH 11

/**
 * The text has a link. Filters against fraud hold such messages back.
 */
#define VERIFYSMS_WARNING_LINK 12

/**
 * The text has another number, which phones may offer as the code.
 */
#define VERIFYSMS_WARNING_OTHER_NUMBER 13

/**
 * The sender breaks a rule: it is refused.
 */
#define VERIFYSMS_WARNING_SENDER_INVALID 14

/**
 * The sender has other characters than ASCII letters, digits and spaces. Networks may replace it.
 */
#define VERIFYSMS_WARNING_SENDER_CHARACTERS 15

/**
 * The sender is a number: the service refuses one that 99 digital has not approved (reason 3).
 */
#define VERIFYSMS_WARNING_SENDER_NUMBER 16

/**
 * The service reports a code that this library does not know.
 */
#define VERIFYSMS_DELIVERY_UNKNOWN 0

/**
 * There is no report: not yet, no more (the service keeps it for a week), or no message has this id.
 */
#define VERIFYSMS_DELIVERY_PENDING 1

/**
 * The phone has the message.
 */
#define VERIFYSMS_DELIVERY_DELIVERED 2

/**
 * The phone did not get it: it is off, out of reach, or its operator did not deliver.
 */
#define VERIFYSMS_DELIVERY_FAILED 3

/**
 * The phone must not get it: a kosher number, a person who opted out, a message that is not allowed.
 */
#define VERIFYSMS_DELIVERY_BLOCKED 4

/**
 * It was tried several times, until the time was over.
 */
#define VERIFYSMS_DELIVERY_EXPIRED 5

/**
 * No code of the provider's: there is no report.
 */
#define VERIFYSMS_DELIVERY_CODE_NONE -2147483647

/**
 * Nothing: the message is there.
 */
#define VERIFYSMS_NEXT_NONE 0

/**
 * Wait, and ask again.
 */
#define VERIFYSMS_NEXT_WAIT 1

/**
 * Send again later: the phone may be off.
 */
#define VERIFYSMS_NEXT_RETRY_LATER 2

/**
 * Ask for another number: this one receives no messages.
 */
#define VERIFYSMS_NEXT_ANOTHER_NUMBER 3

/**
 * The person opted out of messages; only they can undo it, with their operator or the provider.
 */
#define VERIFYSMS_NEXT_OPTED_OUT 4

/**
 * The number is outside of Israel.
 */
#define VERIFYSMS_NEXT_ABROAD 5

/**
 * Ask the provider's support.
 */
#define VERIFYSMS_NEXT_CONTACT_SUPPORT 6

/**
 * Trust the certificate authorities of the operating system.
 */
#define VERIFYSMS_TRUST_SYSTEM 0

/**
 * Trust Mozilla's certificate authorities, as of the library's release.
 */
#define VERIFYSMS_TRUST_BUNDLED 1

/**
 * While the store of the guard cannot be asked, the same limits hold in the memory of this process.
 */
#define VERIFYSMS_GUARD_LOCAL 0

/**
 * While the store of the guard cannot be asked, calls end as VERIFYSMS_GUARD_DOWN.
 */
#define VERIFYSMS_GUARD_REFUSE 1

/**
 * While the store of the guard cannot be asked, nothing is limited.
 */
#define VERIFYSMS_GUARD_ALLOW 2

/**
 * The pause between two sends to a number: 30, 40, 60, 90 and then 120 s, by the sends of the last
 * 10 minutes.
 */
#define VERIFYSMS_LIMIT_COOLDOWN 1

/**
 * Sends to a number: 5 in 10 minutes.
 */
#define VERIFYSMS_LIMIT_SENDS_NUMBER 2

/**
 * Sends to a number that were not verified: 10 in 24 hours.
 */
#define VERIFYSMS_LIMIT_SENDS_NUMBER_DAY 3

/**
 * Sends of an end user that were not verified: 10 an hour.
 */
#define VERIFYSMS_LIMIT_SENDS_USER 4

/**
 * Sends that were not verified to a range, the numbers that differ in their last four digits alone.
 * Off unless set; 20 an hour is good for a public sign-up page.
 */
#define VERIFYSMS_LIMIT_SENDS_RANGE 5

/**
 * All sends of the program. Off unless set.
 */
#define VERIFYSMS_LIMIT_SENDS_APP 6

/**
 * Wrong codes for a number since its last send: 5 in 10 minutes for the end user who asked for the
 * code, and 5 for all others together.
 */
#define VERIFYSMS_LIMIT_TRIES 7

/**
 * Wrong codes for a number: 20 in 24 hours for the end user who asked, and for all others together.
 */
#define VERIFYSMS_LIMIT_FAILURES_NUMBER 8

/**
 * Wrong codes of an end user, for any number: 30 an hour.
 */
#define VERIFYSMS_LIMIT_FAILURES_USER 9

/**
 * The event of a call that is neither a send nor a check: a connect, a delivery, or the guard's.
 */
#define VERIFYSMS_EVENT_OTHER 0

/**
 * The event of a send: the service accepted the message.
 */
#define VERIFYSMS_EVENT_SENT 1

/**
 * The event of a check: the service looked at the code, and the number is not verified.
 */
#define VERIFYSMS_EVENT_CHECKED 2

/**
 * The event of a check: the service looked at the code, and the number is verified.
 */
#define VERIFYSMS_EVENT_VERIFIED 3

/**
 * The event of a send or a check that the service refused.
 */
#define VERIFYSMS_EVENT_REFUSED 4

/**
 * The event of a send or a check of which nobody can tell: the SMS may be out, the code may be used
 * up.
 */
#define VERIFYSMS_EVENT_UNKNOWN 5

/**
 * The event of a send or a check that a limit of the guard refused. Nothing was sent.
 */
#define VERIFYSMS_EVENT_LIMITED 6

/**
 * The event of a send or a check that sent nothing for another reason: an invalid argument, no
 * connection, the deadline, a guard whose store is down.
 */
#define VERIFYSMS_EVENT_FAILED 7

/**
 * A log record for an operator: what the guard cannot do, and what it does instead. The number is
 * syslog's LOG_WARNING.
 */
#define VERIFYSMS_LOG_WARNING 4

/**
 * A log record of a call: its outcome. The number is syslog's LOG_INFO.
 */
#define VERIFYSMS_LOG_INFO 6

/**
 * A log record of one attempt to reach the service. The number is syslog's LOG_DEBUG.
 */
#define VERIFYSMS_LOG_DEBUG 7

/**
 * A buffer of this size holds verifysms_result_to() with its NUL byte.
 */
#define VERIFYSMS_SIZE_TO 11

/**
 * A buffer of this size holds any sender that the library accepts, in UTF-8 with its NUL byte, and so
 * verifysms_result_sender().
 */
#define VERIFYSMS_SIZE_SENDER 45

/**
 * A buffer of this size holds verifysms_result_unique() with its NUL byte, with much room to spare: the
 * provider's ids have 8 digits. It promises no length; verifysms_copy() says if it cut one.
 */
#define VERIFYSMS_SIZE_UNIQUE 64

/**
 * A buffer of this size holds verifysms_result_message() with its NUL byte, as it is today.
 * verifysms_copy() says if it cut one.
 */
#define VERIFYSMS_SIZE_MESSAGE 512

/**
 * Receives log records.
 *
 * @param user_data What was given to verifysms_config_set_log().
 * @param level     VERIFYSMS_LOG_INFO (one record per call, unless an argument is NULL or not
 *                  UTF-8), VERIFYSMS_LOG_DEBUG (one per attempt) or VERIFYSMS_LOG_WARNING (something
 *                  for the operator, by the guard). Later versions may have more.
 * @param message   One English line in UTF-8, without key, code or full phone number. Valid only
 *                  until the function returns.
 * @threads Called in the thread that makes the call; for a queue in the thread that calls
 *          verifysms_queue_next() or verifysms_queue_free(). Several threads may call it at once. What
 *          it may do: see "Callbacks" at the top.
 * @since 1.0
 */
typedef void (VERIFYSMS_CALL *verifysms_log_fn)(void *user_data, int level, const char *message);

/**
 * Returns whether a call that waits should end.
 *
 * @param user_data What was given to verifysms_config_set_interrupt().
 * @return 0 to go on. Any other number ends the call as VERIFYSMS_CANCELLED.
 * @threads Called in the thread that makes the call, so several threads may call it at once. What it
 *          may do: see "Callbacks" at the top.
 * @since 1.0
 */
typedef int (VERIFYSMS_CALL *verifysms_interrupt_fn)(void *user_data);

/**
 * Receives the end of a call in numbers: once for each call, after its log record. It has no text, and
 * nothing of a person: no key, no code, no number.
 *
 * @param user_data    What was given to verifysms_config_set_event().
 * @param event        VERIFYSMS_EVENT_, what happened. Later versions may have more.
 * @param code         VERIFYSMS_OK and so on, how the call ended.
 * @param reached      VERIFYSMS_REACHED_, whether the request reached the service.
 * @param milliseconds How long the call took.
 * @param attempt      The attempt that ended it: 1 for the first, 0 if none was made.
 * @param reused       1 if this attempt went over a connection that was kept from an earlier call,
 *                     otherwise 0.
 * @param limit        VERIFYSMS_LIMIT_, the limit that refused the call; 0 for every other event than
 *                     VERIFYSMS_EVENT_LIMITED.
 * @threads Called in the thread that makes the call; for a queue in the thread that calls
 *          verifysms_queue_next() or verifysms_queue_free(). Several threads may call it at once. What
 *          it may do: see "Callbacks" at the top.
 * @since 1.0
 */
typedef void (VERIFYSMS_CALL *verifysms_event_fn)(void *user_data,
                                                  int event,
                                                  int code,
                                                  int reached,
                                                  int milliseconds,
                                                  int attempt,
                                                  int reused,
                                                  int limit);

/**
 * Makes the settings of a client.
 *
 * @param api_key The account's API key; copied, without the white space and invisible characters
 *                around it. A key that is NULL, is empty, or has an invisible or control character
 *                inside is an error: see verifysms_config_error().
 * @return The settings, to be freed with verifysms_config_free(). NULL only if there is no memory
 *         for them, or for the reserve that the first settings of a process set aside.
 * @threads Any thread at any time. Settings are for one thread at a time.
 * @since 1.0
 */
verifysms_config *VERIFYSMS_CALL verifysms_config_new(const char *api_key);

/**
 * Sets the sender ID that the phone shows. By default there is none.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param sender A name, or a number that 99 digital has approved, at most 11 characters in UTF-8;
 *               copied. NULL: none.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_sender(verifysms_config *config,
                                               const char *sender);

/**
 * Sets the message template. By default the service uses its own, which is
 * "Your verification code is: \#\#code\#\#".
 *
 * @param config Settings, or NULL, which is invalid.
 * @param message A text in UTF-8 that contains \#\#code\#\#, which the service replaces with the
 *                code; copied. NULL: the service's own.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_message(verifysms_config *config,
                                                const char *message);

/**
 * Sets the URL of the service, for example that of a sandbox.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param url A URL that begins with https://, or with http:// if its host is a loopback one;
 *            copied. NULL: VERIFYSMS_URL, the default.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_url(verifysms_config *config,
                                            const char *url);

/**
 * Sets the total deadline of a call: DNS, connecting, TLS, both directions and retries. A call
 * that times out ends at most 5 ms after it on a machine that is not busy, 20 ms on Windows, and never
 * before it.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param ms Milliseconds, 1 to 86400000 (24 hours); the default is 30000.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_timeout_ms(verifysms_config *config,
                                                   int ms);

/**
 * Sets how long one attempt to connect may take: DNS, TCP, proxy and TLS.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param ms Milliseconds, 1 to 86400000 (24 hours); the default is 10000. The deadline of the call
 *           ends an attempt earlier.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_connect_timeout_ms(verifysms_config *config,
                                                           int ms);

/**
 * Sets the proxy.
 *
 * NO_PROXY is a list, separated by commas or blanks. An entry is one of these:
 * - "*": every host;
 * - a name, with or without a dot or "*." before it: that host and its subdomains;
 * - an address (IPv6 in any spelling), or a block of addresses like 10.0.0.0/8 and fd00::/8;
 * - a name or an address with a port, like host:8443 or 192.0.2.1:8443: only with that port. An
 *   IPv6 address then has brackets.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param url A URL like http://user:password\@host:3128, also https://, socks5:// and socks5h://;
 *            copied. Percent-encode / ? # : \@ in a user name or password. "": no proxy. NULL, the
 *            default: from the environment when the client is made. That is HTTPS_PROXY
 *            (http_proxy for an http:// URL) or ALL_PROXY, unless NO_PROXY matches the host or the
 *            host is a loopback one. If such a variable is invalid, verifysms_client_new() returns
 *            NULL and verifysms_config_error() names the variable.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_proxy(verifysms_config *config,
                                              const char *url);

/**
 * Sets a file with the only certificate authorities to trust.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param pem_path The path of a file in PEM format, at most 4 MiB; copied. It is read at the first
 *                 TLS connection, within the deadline of that call, even on a network file system
 *                 that hangs. The call fails if the file contains anything that may be meant as a
 *                 certificate but cannot be used. NULL, the default: see
 *                 verifysms_config_set_trust().
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_ca_file(verifysms_config *config,
                                                const char *pem_path);

/**
 * Sets which certificate authorities to trust if there is no file of them.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param trust VERIFYSMS_TRUST_SYSTEM, the default: those of the operating system, or of
 *              SSL_CERT_FILE and SSL_CERT_DIR; or VERIFYSMS_TRUST_BUNDLED: Mozilla's.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_trust(verifysms_config *config,
                                              int trust);

/**
 * Allows the key to be sent over plain http:// to another machine. Anyone on the way can read it.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param yes 0, the default: not allowed. Any other number: allowed.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_allow_http(verifysms_config *config,
                                                   int yes);

/**
 * Sets a function that receives log records.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param log       The function. NULL, the default: no records.
 * @param user_data Passed to the function. It must stay valid as long as any client made from
 *                  these settings.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_log(verifysms_config *config,
                                            verifysms_log_fn log,
                                            void *user_data);

/**
 * Sets a function that is called while a call waits: every few hundredths of a second, and at once
 * after a signal. It is not called for calls that it makes itself.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param interrupt The function. NULL, the default: after a signal a call goes on until its
 *                  deadline.
 * @param user_data Passed to the function. It must stay valid as long as any client made from
 *                  these settings.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_interrupt(verifysms_config *config,
                                                  verifysms_interrupt_fn interrupt,
                                                  void *user_data);

/**
 * The error of the first invalid setting. A program need not check each setter: it may check once,
 * when verifysms_client_new() returns NULL.
 *
 * @param config Settings, or NULL.
 * @return One English sentence that names the setting and its rule, owned by the settings and
 *         valid until they are changed or freed. "" if there is no error, and for NULL.
 * @threads One thread at a time for one config.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_config_error(const verifysms_config *config);

/**
 * The rule that the first invalid setting breaks, for a program that acts on it.
 *
 * @param config Settings, or NULL.
 * @return One of the VERIFYSMS_RULE_ numbers, or one of a later version; 0 if there is no error, or it
 *         is about no setting (no memory), and for NULL.
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_rule(const verifysms_config *config);

/**
 * Frees settings. Clients made from them are not affected.
 *
 * @param config Settings that are not used again; NULL does nothing.
 * @threads Any thread, once no other uses the settings.
 * @since 1.0
 */
void VERIFYSMS_CALL verifysms_config_free(verifysms_config *config);

/**
 * Makes the settings of a client from the variables that the command `verifysms` reads as well:
 * VERIFYSMS_API_KEY, VERIFYSMS_SENDER, VERIFYSMS_URL and VERIFYSMS_GUARD, which may be "none". The setters
 * change what they set.
 *
 * @return The settings, to be freed with verifysms_config_free(). If VERIFYSMS_API_KEY is not set, or
 *         a variable has an invalid value, verifysms_config_error() names the variable. NULL only if
 *         there is no memory, as for verifysms_config_new().
 * @threads Any thread, while no other changes the environment. Settings are for one thread at a time.
 * @since 1.0
 */
verifysms_config *VERIFYSMS_CALL verifysms_config_from_env(void);

/**
 * Sets a function that receives the end of each call in numbers, for counters and metrics.
 *
 * @param config    Settings, or NULL, which is invalid.
 * @param event     The function. NULL, the default: no events.
 * @param user_data Passed to the function. It must stay valid as long as any client made from
 *                  these settings.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_event(verifysms_config *config,
                                              verifysms_event_fn event,
                                              void *user_data);

/**
 * The name of an event, for example "VERIFIED": a label of a metric.
 *
 * @param event One of VERIFYSMS_EVENT_.
 * @return The name, static and never freed; "" for any other number.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_event_name(int event);

/**
 * Sets where the guard keeps its counts. It limits how often a code may be guessed and a message
 * sent, before anything goes to the service.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param store  "memory:", the default: in this process. "file:/path", an absolute path: for all
 *               processes of this machine and user. The file is made with the mode 0600 and takes up
 *               to 34 MB. "redis://...", also rediss:, redis+unix:, redis+sentinel: and
 *               redis+cluster:: for many machines; copied. NULL: no guard.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_guard(verifysms_config *config,
                                              const char *store);

/**
 * Sets a limit of the guard: at most so many in any time of so many seconds. The others keep their
 * defaults, which are at VERIFYSMS_LIMIT_.
 *
 * @param config  Settings, or NULL, which is invalid.
 * @param limit   VERIFYSMS_LIMIT_.
 * @param most    How many: up to 65535, for those of users, ranges and the app up to 2147483647, for
 *                VERIFYSMS_LIMIT_COOLDOWN 1, which makes every pause the same. 0: this limit is off,
 *                whatever the seconds.
 * @param seconds The time, 1 to 2678400 (31 days).
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_limit(verifysms_config *config,
                                              int limit,
                                              int most,
                                              int seconds);

/**
 * Sets the secret with which the guard hides numbers and end users in its store. By default it is
 * derived from the API key, so that a new key begins all counts anew.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param secret At least 16 bytes, the same for all programs that share a store; copied. NULL: from
 *               the API key.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_guard_secret(verifysms_config *config,
                                                     const char *secret);

/**
 * Sets the namespace of the guard's counts. Programs that share a store and a namespace count
 * together.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param name   1 to 64 ASCII letters, digits, dots, dashes or underscores; copied. NULL:
 *               "verifysms", the default.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_guard_namespace(verifysms_config *config,
                                                        const char *name);

/**
 * Sets how long a call waits for the store of the guard, within its own deadline.
 *
 * @param config Settings, or NULL, which is invalid.
 * @param ms Milliseconds, 1 to 10000; the default is 250.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_guard_timeout_ms(verifysms_config *config, int ms);

/**
 * Sets what happens while the store of the guard cannot be asked. After a failure it is not asked
 * for a second.
 *
 * @param config  Settings, or NULL, which is invalid.
 * @param failure VERIFYSMS_GUARD_LOCAL, the default, _REFUSE or _ALLOW.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_guard_failure(verifysms_config *config,
                                                      int failure);

/**
 * Makes a client. It opens no connection: the first call does.
 *
 * @param config Settings. The caller still owns them, and may free them or use them for another
 *               client.
 * @return A client, to be freed with verifysms_client_free(). NULL if a setting or a proxy
 *         variable of the environment is invalid or there is no memory (see
 *         verifysms_config_error()), or if config is NULL.
 * @threads Any thread; one thread at a time for one config.
 * @since 1.0
 */
verifysms_client *VERIFYSMS_CALL verifysms_client_new(verifysms_config *config);

/**
 * Ends the running calls of a client in other threads as VERIFYSMS_CANCELLED, within a tenth of a
 * second. Does not affect calls that begin later.
 *
 * @param client A client; NULL does nothing.
 * @threads Any thread at any time. Not from a signal handler.
 * @since 1.0
 */
void VERIFYSMS_CALL verifysms_client_cancel(verifysms_client *client);

/**
 * Frees a client. Its connections are closed, once its queues are freed as well.
 *
 * @param client A client that is not used again; NULL does nothing.
 * @threads Any thread, once no other thread uses the client. Freeing a client while another thread
 *          is in one of its calls is undefined behaviour. A log or interrupt function may free the
 *          client of the call that called it; the call goes on. After fork() the child may free
 *          the client, whatever call a thread of the parent was in.
 * @since 1.0
 */
void VERIFYSMS_CALL verifysms_client_free(verifysms_client *client);

/**
 * Opens a connection ahead of the next call, TLS included. Call it when you show the page on which
 * people enter their number: a send within the next minute then takes one round trip instead of
 * four. Does nothing if there is a connection already. Blocks until there is one or the deadline
 * passes.
 *
 * @param client A client.
 * @return The outcome, to be freed with verifysms_result_free(). Its code is
 *         VERIFYSMS_OK if there is a connection; no number is verified by that.
 *         verifysms_result_reached() is VERIFYSMS_REACHED_NO whatever the code. After an error the
 *         next call tries again by itself. If client is NULL, the code is
 *         VERIFYSMS_INVALID_ARGUMENT.
 * @threads Any number of threads at once with the same client.
 * @since 1.0
 */
verifysms_result *VERIFYSMS_CALL verifysms_client_connect(verifysms_client *client);

/**
 * Asks the service to text a code to a phone number. Blocks until the service answers or the
 * deadline passes.
 *
 * @param client A client.
 * @param to     An Israeli phone number as people write it, in UTF-8.
 * @return The outcome, to be freed with verifysms_result_free(). Repeat the call only
 *         if verifysms_result_reached() is VERIFYSMS_REACHED_NO: otherwise the person may get two
 *         messages; and after VERIFYSMS_LIMITED not before verifysms_result_retry_after(). If client
 *         or to is NULL, the code is VERIFYSMS_INVALID_ARGUMENT.
 * @threads Any number of threads at once with the same client.
 * @since 1.0
 */
verifysms_result *VERIFYSMS_CALL verifysms_send(verifysms_client *client,
                                                const char *to);

/**
 * Like verifysms_send(), with another sender or message than the client's own.
 *
 * @param client  A client.
 * @param to      An Israeli phone number as people write it, in UTF-8.
 * @param sender  As for verifysms_config_set_sender(); NULL: the client's own.
 * @param message As for verifysms_config_set_message(); NULL: the client's own.
 * @return As verifysms_send(), to be freed with verifysms_result_free().
 * @threads Any number of threads at once with the same client.
 * @since 1.0
 */
verifysms_result *VERIFYSMS_CALL verifysms_send_with(verifysms_client *client,
                                                     const char *to,
                                                     const char *sender,
                                                     const char *message);

/**
 * Asks the service whether a code is the one that it texted to a phone number. Blocks until the
 * service answers or the deadline passes. A right code works once.
 *
 * @param client A client.
 * @param to     The number that received the message, as people write it, in UTF-8.
 * @param code   The code as the person typed it, in UTF-8: at most 16 characters, without the
 *               white space around it.
 * @return The outcome, to be freed with verifysms_result_free(). The number is
 *         verified if and only if verifysms_result_code() is VERIFYSMS_OK. If an argument is NULL,
 *         the code is VERIFYSMS_INVALID_ARGUMENT.
 * @threads Any number of threads at once with the same client.
 * @since 1.0
 */
verifysms_result *VERIFYSMS_CALL verifysms_check(verifysms_client *client,
                                                 const char *to,
                                                 const char *code);

/**
 * Forgets what the guard knows of a number: its sends, its tries and its failures. For a call centre
 * that unlocks a person. What was counted for end users, ranges and the program stays. Blocks until the store
 * answers.
 *
 * @param client A client.
 * @param to     An Israeli phone number as people write it, in UTF-8.
 * @return The outcome, to be freed with verifysms_result_free(): VERIFYSMS_OK,
 *         VERIFYSMS_GUARD_DOWN, or VERIFYSMS_INVALID_ARGUMENT, also if the client has no guard, and if
 *         client or to is NULL.
 * @threads Any number of threads at once with the same client.
 * @since 1.0
 */
verifysms_result *VERIFYSMS_CALL verifysms_forget(verifysms_client *client,
                                                  const char *to);

/**
 * Says how far the limits of a number are used, those of the end user who asked for the last code.
 * Changes nothing. Blocks until the store answers.
 *
 * @param client A client.
 * @param to     An Israeli phone number as people write it, in UTF-8.
 * @return The outcome, to be freed with verifysms_result_free(). With VERIFYSMS_OK,
 *         verifysms_result_message() has each limit that is on, for example "COOLDOWN 1, wait 12 s;
 *         SENDS_NUMBER 1 of 5 in 600 s"; verifysms_result_retry_after() says when the next send may
 *         go. Errors are those of verifysms_forget(), also for NULL.
 * @threads Any number of threads at once with the same client.
 * @since 1.0
 */
verifysms_result *VERIFYSMS_CALL verifysms_guard_show(verifysms_client *client,
                                                      const char *to);

/**
 * Makes a request: what a call is about, and what else it may carry. It may serve any number of
 * calls.
 *
 * @param to An Israeli phone number as people write it, in UTF-8; copied. NULL is as invalid as a
 *           wrong number: the call says so.
 * @return The request, to be freed with verifysms_request_free(). NULL only if there is no memory.
 * @threads Any thread at any time. A request is for one thread at a time while it is changed.
 * @since 1.0
 */
verifysms_request *VERIFYSMS_CALL verifysms_request_new(const char *to);

/**
 * Sets who asks, as the program sees it: the guard counts their sends and wrong codes.
 *
 * @param request  A request, or NULL, which is invalid.
 * @param end_user The address at the other end of the connection, or any id that one person keeps, at
 *                 most 256 bytes in UTF-8; copied. An IPv4 address counts by itself, an IPv6 address
 *                 with its network of 64 bits. A loopback or unspecified address, and "", count as
 *                 none: behind a proxy they would make all people one. Do not take it from a header
 *                 that anybody can send, unless your own proxy sets it. NULL: none, the default.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT. The call reports the first invalid value.
 * @threads One thread at a time for one request.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_request_set_end_user(verifysms_request *request,
                                                  const char *end_user);

/**
 * Sets the sender of a send.
 *
 * @param request A request, or NULL, which is invalid.
 * @param sender  As for verifysms_config_set_sender(); copied. NULL: the client's own, the default.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT. The call reports the first invalid value.
 * @threads One thread at a time for one request.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_request_set_sender(verifysms_request *request,
                                                const char *sender);

/**
 * Sets the message template of a send.
 *
 * @param request A request, or NULL, which is invalid.
 * @param message As for verifysms_config_set_message(); copied. NULL: the client's own, the default.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT. The call reports the first invalid value.
 * @threads One thread at a time for one request.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_request_set_message(verifysms_request *request,
                                                 const char *message);

/**
 * Sets the page on which a browser may fill the code in: adds the last line of WICG's "Origin-bound
 * one-time codes delivered via SMS", an at sign with the host and the code once more, to the message
 * of a send, or to the service's own text if there is none.
 *
 * @param request A request, or NULL, which is invalid.
 * @param origin  The host, such as "example.co.il", or an https:// origin without a port; copied. ASCII:
 *                a Hebrew name in its xn-- form. NULL: no line, the default. The message must not have
 *                such a line of its own: the call reports VERIFYSMS_RULE_MESSAGE_HAS_ORIGIN.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT. The call reports the first invalid value.
 * @threads One thread at a time for one request.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_request_set_origin(verifysms_request *request,
                                                const char *origin);

/**
 * Sets the Android app that may read the message of a send: adds a line with its hash, for Google's SMS
 * Retriever. It comes before the line of verifysms_request_set_origin(). The Retriever accepts 140
 * bytes, 2 for a Hebrew letter: a longer message is sent, and the log has a warning.
 *
 * @param request  A request, or NULL, which is invalid.
 * @param app_hash The hash, 11 characters such as "FA+9qCX9VSu"; copied. NULL: none, the default.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT. The call reports the first invalid value.
 * @threads One thread at a time for one request.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_request_set_app_hash(verifysms_request *request,
                                                  const char *app_hash);

/**
 * Sets the deadline of the call.
 *
 * @param request A request, or NULL, which is invalid.
 * @param ms Milliseconds, 1 to 86400000 (24 hours). The default is the client's own.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT. The call reports the first invalid value.
 * @threads One thread at a time for one request.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_request_set_timeout_ms(verifysms_request *request,
                                                    int ms);

/**
 * Frees a request. Calls that were made with it are not affected.
 *
 * @param request A request that is not used again; NULL does nothing.
 * @threads Any thread, once no other uses the request.
 * @since 1.0
 */
void VERIFYSMS_CALL verifysms_request_free(verifysms_request *request);

/**
 * Like verifysms_send(), with what a request carries.
 *
 * @param client  A client.
 * @param request A request.
 * @return As verifysms_send(), to be freed with verifysms_result_free(). If client or request is
 *         NULL, the code is VERIFYSMS_INVALID_ARGUMENT.
 * @threads Any number of threads at once with the same client and the same request, while nobody
 *          changes it.
 * @since 1.0
 */
verifysms_result *VERIFYSMS_CALL verifysms_send_request(verifysms_client *client,
                                                        const verifysms_request *request);

/**
 * Like verifysms_check(), with the number, the end user and the deadline of a request.
 *
 * @param client  A client.
 * @param request A request.
 * @param code    The code as the person typed it, as for verifysms_check().
 * @return As verifysms_check(), to be freed with verifysms_result_free(). If an argument is NULL,
 *         the code is VERIFYSMS_INVALID_ARGUMENT.
 * @threads As verifysms_send_request().
 * @since 1.0
 */
verifysms_result *VERIFYSMS_CALL verifysms_check_request(verifysms_client *client,
                                                         const verifysms_request *request,
                                                         const char *code);

/**
 * Makes a queue: any number of calls at once, in one thread with an event loop that never blocks.
 *
 * @code
 * verifysms_queue_send(queue, "050-123-4567", NULL, NULL, &session);
 * ...
 * poll(&descriptor, 1, -1);    where descriptor.fd is verifysms_queue_descriptor(queue)
 * while ((result = verifysms_queue_next(queue, &user_data)) != NULL) {
 *     ...
 *     verifysms_result_free(result);
 * }
 * @endcode
 * Every started call has one result, which is kept until it is taken. A queue has no thread of its
 * own; only name lookups and the reading of certificate authorities run in threads. Of your
 * functions only the log function and the event function are called, by verifysms_queue_next() and
 * verifysms_queue_free().
 * The interrupt function is not called, because nothing waits. At most 1024 calls have a
 * connection at once, and at most half as many as the process may have descriptors
 * (RLIMIT_NOFILE). Further calls wait for others to end; their time runs. On Windows the thread pool
 * of the system waits for the sockets; it calls nothing of yours.
 *
 * After fork() the queue belongs to the parent. In the child it starts, cancels and returns
 * nothing, and it may be freed, which does not affect the parent. If another thread was using the
 * queue at that moment, freeing it does nothing, and its descriptors stay open in the child. The
 * child makes a queue of its own.
 *
 * @param client A client. It may have several queues, and may be freed before them.
 * @return A queue, to be freed with verifysms_queue_free(). NULL if client is NULL, or if the
 *         process has no descriptor left: a queue needs three, on macOS one.
 * @threads Any thread; one thread at a time for one queue. For a log or event function the queue that
 *          called it is in use: it can neither start a call there nor take a result, and
 *          verifysms_queue_free() does nothing.
 * @since 1.0
 */
verifysms_queue *VERIFYSMS_CALL verifysms_queue_new(verifysms_client *client);

/**
 * The descriptor to wait for with poll(), epoll (with EPOLLET or without) or kqueue. It is readable
 * when verifysms_queue_next() has something to do: data has come, a timer has expired, a call was
 * started or cancelled, or there is a result.
 *
 * On Windows it is a SOCKET, for select(), WSAPoll(), WSAEventSelect() or libuv; its value fits an int.
 *
 * @param queue A queue, or NULL.
 * @return The descriptor. Use it only to wait until it is readable. It is closed when the queue is
 *         freed. -1 for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_queue_descriptor(const verifysms_queue *queue);

/**
 * Starts a verifysms_send_with(), and returns at once. Its deadline begins now.
 *
 * @param queue     A queue.
 * @param to        An Israeli phone number as people write it, in UTF-8.
 * @param sender    As for verifysms_config_set_sender(); NULL: the client's own.
 * @param message   As for verifysms_config_set_message(); NULL: the client's own.
 * @param user_data Returned with the result.
 * @return VERIFYSMS_OK if the call was started: it has one result, even if an argument is invalid.
 *         Otherwise there is no result: VERIFYSMS_INVALID_ARGUMENT if queue is NULL, is in use, or
 *         belongs to the parent process; VERIFYSMS_INTERNAL for a defect of the library.
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_queue_send(verifysms_queue *queue,
                                        const char *to,
                                        const char *sender,
                                        const char *message,
                                        void *user_data);

/**
 * Starts a verifysms_check(), and returns at once. Its deadline begins now.
 *
 * @param queue     A queue.
 * @param to        The number that received the message, as people write it, in UTF-8.
 * @param code      What the person typed, as for verifysms_check().
 * @param user_data Returned with the result.
 * @return As verifysms_queue_send(). A number or code that is NULL is an invalid argument.
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_queue_check(verifysms_queue *queue,
                                         const char *to,
                                         const char *code,
                                         void *user_data);

/**
 * Starts a verifysms_send_request(), and returns at once. Its deadline begins now.
 *
 * @param queue     A queue.
 * @param request   A request. It may be changed or freed at once.
 * @param user_data Returned with the result.
 * @return As verifysms_queue_send(). A request that is NULL is an invalid argument.
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_queue_send_request(verifysms_queue *queue,
                                                const verifysms_request *request,
                                                void *user_data);

/**
 * Starts a verifysms_check_request(), and returns at once. Its deadline begins now.
 *
 * @param queue     A queue.
 * @param request   A request. It may be changed or freed at once.
 * @param code      What the person typed, as for verifysms_check().
 * @param user_data Returned with the result.
 * @return As verifysms_queue_send(). A request or code that is NULL is an invalid argument.
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_queue_check_request(verifysms_queue *queue,
                                                 const verifysms_request *request,
                                                 const char *code,
                                                 void *user_data);

/**
 * Starts a verifysms_client_connect(), and returns at once. Its deadline begins now.
 *
 * @param queue     A queue.
 * @param user_data Returned with the result; may be NULL.
 * @return As verifysms_queue_send().
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_queue_connect(verifysms_queue *queue, void *user_data);

/**
 * Starts a verifysms_delivery(), and returns at once. Its deadline begins now.
 *
 * @param queue     A queue.
 * @param unique    The message's id, from verifysms_result_unique().
 * @param user_data Returned with the result.
 * @return As verifysms_queue_send(). An id that is NULL is an invalid argument.
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_queue_delivery(verifysms_queue *queue,
                                            const char *unique,
                                            void *user_data);

/**
 * Advances the calls as far as they can go without waiting, and takes a result. Call it until it
 * returns NULL, then wait for the descriptor, which is readable as long as there are results.
 *
 * @param queue     A queue, or NULL.
 * @param user_data Where to store the user_data of the call, or NULL. NULL is stored if there is
 *                  no result.
 * @return The outcome of one call, to be freed with verifysms_result_free(). Results come in the
 *         order in which the calls ended. NULL if there is none now. The code is VERIFYSMS_OK for
 *         an accepted message, too; verifysms_result_status() is 1 only for a check that verified
 *         the number.
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
verifysms_result *VERIFYSMS_CALL verifysms_queue_next(verifysms_queue *queue,
                                                      void **user_data);

/**
 * The number of calls whose results have not been taken.
 *
 * @param queue A queue, or NULL.
 * @return Their number; 0 for NULL, and in a child process after fork().
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_queue_count(verifysms_queue *queue);

/**
 * Ends the running calls that were started with this user_data as VERIFYSMS_CANCELLED. Take their
 * results as usual. verifysms_client_cancel() ends all calls of a client from any thread, those of
 * its queues included.
 *
 * @param queue     A queue, or NULL.
 * @param user_data The user_data of the calls.
 * @return The number of calls; 0 for NULL, and in a child process after fork().
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_queue_cancel(verifysms_queue *queue,
                                          void *user_data);

/**
 * Frees a queue. Running calls end as VERIFYSMS_CANCELLED, and only the log and the events report
 * them. Results that were not taken are lost, so that you do not know whether a message is out: if
 * that matters, cancel the calls and take their results first.
 *
 * @param queue A queue that is not used again; NULL does nothing.
 * @threads Any thread, once no other uses the queue. Does nothing in a log or event function that the
 *          queue called: free it later.
 * @since 1.0
 */
void VERIFYSMS_CALL verifysms_queue_free(verifysms_queue *queue);

/**
 * How the call ended.
 *
 * @param result A result, or NULL.
 * @return One of the codes. For a check VERIFYSMS_OK means verified, and no other code does.
 *         VERIFYSMS_INTERNAL for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_result_code(const verifysms_result *result);

/**
 * Whether the request reached the service.
 *
 * It did not if no byte of it was sent. It did not either if the connection ended in order (with TLS:
 * with close_notify) before any byte of an answer, and the peer's machine acknowledged no byte of the
 * request and answered with RST: then only a server that reads on after it ended the connection may
 * have read it. A reset alone proves nothing. Neither does any end on a system that does not tell what
 * was acknowledged (Linux does). These are _UNKNOWN.
 *
 * @param result A result, or NULL.
 * @return VERIFYSMS_REACHED_NO (the call may be repeated; after VERIFYSMS_LIMITED not before
 *         verifysms_result_retry_after()), _YES (the answer decides) or _UNKNOWN (only a person or a
 *         policy of yours can decide). _UNKNOWN for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_result_reached(const verifysms_result *result);

/**
 * The rule that an argument breaks, for a program that acts on it.
 *
 * @param result A result, or NULL.
 * @return One of the VERIFYSMS_RULE_ numbers, or one of a later version, if the code is
 *         VERIFYSMS_INVALID_ARGUMENT; 0 otherwise, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_result_rule(const verifysms_result *result);

/**
 * The reason that the service gave.
 *
 * @param result A result, or NULL.
 * @return The number that came with FAIL, documented (VERIFYSMS_REASON_) or not; 1 for an accepted
 *         send; 0 if there is none, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_result_reason(const verifysms_result *result);

/**
 * The raw status of a check. The provider documents only 1: do not rely on any other value.
 *
 * @param result A result, or NULL.
 * @return 1 if the number is verified; 0 if there is no status, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_result_status(const verifysms_result *result);

/**
 * The HTTP status of the answer.
 *
 * @param result A result, or NULL.
 * @return For example 200; 0 if there was no answer, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_result_http_status(const verifysms_result *result);

/**
 * When the service accepted a send.
 *
 * @param result A result, or NULL.
 * @return Unix time in seconds; 0 if there is none, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int64_t VERIFYSMS_CALL verifysms_result_timestamp(const verifysms_result *result);

/**
 * The id of an accepted message. The provider's Delivery Status API takes it.
 *
 * @param result A result, or NULL.
 * @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
 *         and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_result_unique(const verifysms_result *result);

/**
 * The sender that was used for an accepted message.
 *
 * @param result A result, or NULL.
 * @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
 *         and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_result_sender(const verifysms_result *result);

/**
 * The phone number in the service's form, for example 0501234567.
 *
 * @param result A result, or NULL.
 * @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
 *         and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_result_to(const verifysms_result *result);

/**
 * One English sentence for a log, without key, code or full phone number.
 *
 * @param result A result, or NULL.
 * @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
 *         and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_result_message(const verifysms_result *result);

/**
 * Frees a result and the strings that were read from it.
 *
 * @param result A result that is not used again; NULL does nothing.
 * @threads Any thread, once no other uses the result.
 * @since 1.0
 */
void VERIFYSMS_CALL verifysms_result_free(verifysms_result *result);

/**
 * The limit that makes the next such call wait. For VERIFYSMS_LIMITED it is the one that refused
 * this call.
 *
 * @param result A result, or NULL.
 * @return VERIFYSMS_LIMIT_; 0 if there is none, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_result_limit(const verifysms_result *result);

/**
 * How long the next such call has to wait: after VERIFYSMS_LIMITED this one, after an accepted send the
 * next send to the number, for the countdown on a page. To wait so long always helps, unless somebody
 * else makes such a call meanwhile.
 *
 * @param result A result, or NULL.
 * @return Seconds, rounded up; 0: not at all, no guard, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_result_retry_after(const verifysms_result *result);

/**
 * How many wrong codes may still be tried for the number by the end user of the call, after a send or a
 * wrong code.
 *
 * @param result A result, or NULL.
 * @return Their number; -1 if nobody counts them or the call did not ask, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_result_tries_left(const verifysms_result *result);

/**
 * Sets the address of Delivery Status. By default it is on the host of the service:
 * "/sms/deliveryStatus".
 *
 * @param config Settings, or NULL, which is invalid.
 * @param url    An address as for verifysms_config_set_url(); copied. NULL: the default.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_config_set_delivery_url(verifysms_config *config,
                                                     const char *url);

/**
 * Asks the service what became of a message. Blocks until the service answers or the deadline passes. A
 * message takes a few seconds; the service keeps its report for a week.
 *
 * @param client A client.
 * @param unique The message's id, from verifysms_result_unique().
 * @return The outcome, to be freed with verifysms_result_free(). If its code is VERIFYSMS_OK
 *         the service answered; verifysms_result_delivery_state() says what. It verifies nobody. The
 *         question changes nothing and may be repeated, whatever verifysms_result_reached() says. If
 *         client or unique is NULL, the code is VERIFYSMS_INVALID_ARGUMENT.
 * @threads Any number of threads at once with the same client.
 * @since 1.0
 */
verifysms_result *VERIFYSMS_CALL verifysms_delivery(verifysms_client *client,
                                                    const char *unique);

/**
 * What became of the message.
 *
 * @param result The outcome of a delivery, or NULL.
 * @return One of the VERIFYSMS_DELIVERY_ states, or one of a later version. VERIFYSMS_DELIVERY_UNKNOWN
 *         for a code that the library does not know, for another outcome, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_result_delivery_state(const verifysms_result *result);

/**
 * What to do next about the message.
 *
 * @param result The outcome of a delivery, or NULL.
 * @return One of the VERIFYSMS_NEXT_ steps, or one of a later version; VERIFYSMS_NEXT_NONE for another
 *         outcome, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_result_delivery_next(const verifysms_result *result);

/**
 * The provider's own code for what became of the message. 0 is one of those for a delivered message.
 *
 * @param result The outcome of a delivery, or NULL.
 * @return The code, documented or not; VERIFYSMS_DELIVERY_CODE_NONE if there is none, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_result_delivery_code(const verifysms_result *result);

/**
 * The provider's words in Hebrew for what became of the message.
 *
 * @param result The outcome of a delivery, or NULL.
 * @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
 *         and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_result_delivery_hebrew(const verifysms_result *result);

/**
 * The provider's words in English for what became of the message.
 *
 * @param result The outcome of a delivery, or NULL.
 * @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
 *         and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_result_delivery_english(const verifysms_result *result);

/**
 * The date of the report as it came, for example "15/03/21 20:18". The provider does not document its
 * time zone.
 *
 * @param result The outcome of a delivery, or NULL.
 * @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
 *         and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_result_delivery_date(const verifysms_result *result);

/**
 * The operator of the phone.
 *
 * @param result The outcome of a delivery, or NULL.
 * @return A string in UTF-8, owned by the result and valid until it is freed; "" if there is none,
 *         and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_result_delivery_operator(const verifysms_result *result);

/**
 * One sentence for the person who signs up. It says what they can do, not why a call failed; it has no
 * key and no code, of a number the last three digits, and does not tell a wrong code from an expired one.
 *
 * @param result   A result, or NULL.
 * @param language "he" for Hebrew; "en", NULL and any other text: English.
 * @return A sentence in UTF-8, owned by the result and valid until it is freed; "" for NULL, and for
 *         what went well and is not for a person, such as a connect.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_result_user_text(const verifysms_result *result,
                                                      const char *language);

/**
 * The sentence that a new code can be asked for in so many seconds, for a page with a countdown.
 *
 * @param seconds  The wait; less than 1 counts as 1.
 * @param language As for verifysms_result_user_text().
 * @param buffer   Where to copy the sentence, in UTF-8; with NULL nothing is copied.
 * @param size     The size of the buffer in bytes.
 * @return As verifysms_copy(): the full length in bytes, without the NUL byte.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_wait_text(int seconds,
                                       const char *language,
                                       char *buffer,
                                       int size);

/**
 * Brings a phone number to the service's form: 0501234567 for "+972 (0)50-123-4567". Calls accept every
 * spelling; use this form where you count calls for a number or keep it.
 *
 * @param text   A number as people write it, in UTF-8.
 * @param buffer Where to store the number with a NUL byte; "" is stored if there is none.
 * @param size   The size of the buffer in bytes; VERIFYSMS_PHONE_SIZE is enough.
 * @return 0, or the VERIFYSMS_RULE_ number of the rule that the text or the buffer breaks, also for
 *         NULL; -1 for a defect of the library, or no memory.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_phone_normalize(const char *text,
                                             char *buffer,
                                             int size);

/**
 * Brings a phone number to its international form, as databases and other services want it:
 * +972501234567 (ITU-T E.164).
 *
 * @param text   A number as people write it, in UTF-8.
 * @param buffer Where to store the number with a NUL byte; "" is stored if there is none.
 * @param size   The size of the buffer in bytes; VERIFYSMS_PHONE_SIZE is enough.
 * @return As verifysms_phone_normalize(), also for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_phone_e164(const char *text,
                                        char *buffer,
                                        int size);

/**
 * The kind of a phone number, by its first digits. Numbers are ported, so it is a hint; the service
 * accepts every kind.
 *
 * @param text A number as people write it, in UTF-8.
 * @return One of the VERIFYSMS_PHONE_ kinds, or one of a later version; VERIFYSMS_PHONE_UNKNOWN for
 *         NULL and what is no number.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_phone_kind(const char *text);

/**
 * Inspects a message before it is sent: what it costs, and what phones and browsers make of it.
 *
 * @param message The template in UTF-8, with \#\#code\#\# where the code will stand.
 * @param sender  The sender in UTF-8; NULL: it is not inspected.
 * @param origin  The host of the page on which a browser is to fill the code in, for example
 *                "example.co.il"; NULL: there is none.
 * @return What was found, to be freed with verifysms_message_free(). NULL if message is NULL, a string
 *         is not UTF-8, or there is no memory.
 * @threads Any thread at any time.
 * @since 1.0
 */
verifysms_message *VERIFYSMS_CALL verifysms_message_inspect(const char *message,
                                                            const char *sender,
                                                            const char *origin);

/**
 * The encoding that a message needs.
 *
 * @param message An inspected message, or NULL.
 * @return VERIFYSMS_ENCODING_GSM7 or VERIFYSMS_ENCODING_UCS2; 0 for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_message_encoding(const verifysms_message *message);

/**
 * The length of a message in units of its encoding: septets, or UTF-16 code units.
 *
 * @param message An inspected message, or NULL.
 * @param digits  How many digits the code has, 0 to 16. The service does not say; the warnings are for 8.
 * @return The length; 0 for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_message_length(const verifysms_message *message,
                                            int digits);

/**
 * The parts in which a message is sent, each of which is billed.
 *
 * @param message An inspected message, or NULL.
 * @param digits  How many digits the code has, 0 to 16. The service does not say; the warnings are for 8.
 * @return The number of parts, at least 1; 0 for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_message_parts(const verifysms_message *message,
                                           int digits);

/**
 * The number of warnings about a message.
 *
 * @param message An inspected message, or NULL.
 * @return Their number; 0 if nothing is wrong, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_message_warning_count(const verifysms_message *message);

/**
 * What a warning is about.
 *
 * @param message An inspected message, or NULL.
 * @param index   Which warning, from 0.
 * @return One of the VERIFYSMS_WARNING_ numbers, or one of a later version; 0 if there is no such
 *         warning, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_message_warning(const verifysms_message *message,
                                             int index);

/**
 * The place that a warning is about.
 *
 * @param message An inspected message, or NULL.
 * @param index   Which warning, from 0.
 * @return Which character of the text, counted from 0; -1 if the warning is about the whole text or
 *         there is none, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_message_warning_position(const verifysms_message *message,
                                                      int index);

/**
 * A warning in words.
 *
 * @param message An inspected message, or NULL.
 * @param index   Which warning, from 0.
 * @return One English sentence in UTF-8, owned by the inspected message and valid until it is freed; ""
 *         if there is no such warning, and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_message_warning_text(const verifysms_message *message,
                                                          int index);

/**
 * Frees an inspected message and the strings that were read from it.
 *
 * @param message An inspected message that is not used again; NULL does nothing.
 * @threads Any thread, once no other uses it.
 * @since 1.0
 */
void VERIFYSMS_CALL verifysms_message_free(verifysms_message *message);

/**
 * The name of a code, for example "NOT_VERIFIED".
 *
 * @param code One of the VERIFYSMS_ codes.
 * @return The name, static and never freed; "" for any other number.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_code_name(int code);

/**
 * The name of a limit, for example "SENDS_NUMBER".
 *
 * @param limit One of VERIFYSMS_LIMIT_.
 * @return The name, static and never freed; "" for any other number.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_limit_name(int limit);

/**
 * The name of a rule, for example "PHONE_TOO_SHORT".
 *
 * @param rule One of the VERIFYSMS_RULE_ numbers.
 * @return The name, static and never freed; "" for any other number.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_rule_name(int rule);

/**
 * What a reason of the service means, in a few English words without a full stop.
 *
 * @param reason A number of verifysms_result_reason().
 * @return The text, static and never freed; "" for 0, and words that say so for a number that is not
 *         documented.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_reason_text(int reason);

/**
 * The version of the loaded library, for example "1.0.0". VERIFYSMS_VERSION is the version that
 * the program was compiled against.
 *
 * @return Three numbers with dots, static and never freed.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *VERIFYSMS_CALL verifysms_version(void);

/**
 * Copies a string into a buffer of fixed size, for languages without strings of variable length.
 *
 * Copies as many whole characters as fit, and a NUL byte. The string was cut if the return value
 * is not less than size.
 *
 * @param string The string; NULL counts as "".
 * @param buffer Where to copy it; with NULL nothing is copied.
 * @param size   The size of the buffer in bytes; with 0 or less nothing is copied.
 * @return The full length of the string in bytes, without its NUL byte.
 * @threads Any thread at any time.
 * @since 1.0
 */
int VERIFYSMS_CALL verifysms_copy(const char *string,
                                  char *buffer,
                                  int size);

#ifdef __cplusplus
}
#endif

#endif /* VERIFYSMS_H */
