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
 *
 * Strings and handles:
 * - Strings are UTF-8 and end with a NUL byte. Arguments are copied. A string that a function returns
 *   belongs to the handle that it was read from.
 * - Free every handle once, with the _free function of its type. No function frees or keeps its
 *   arguments. Freeing NULL does nothing; reading from NULL returns a neutral value.
 * - Settings keep their first error for good: correct the value and start with new settings.
 *
 * Threads and callbacks:
 * - Any number of threads may use a client at once. Only one thread at a time may use settings.
 * - The library calls your functions in the thread that makes the call, without a lock of the client. They
 *   may make calls, cancel calls, and fork. They must return normally: one that is left by longjmp(),
 *   pthread_exit() or an exception ends the process, or leaves the call's locks and memory behind. They
 *   must not free the client or use the queue that calls them.
 * - Thread cancellation is disabled inside every function and in your callbacks, which leave it disabled.
 *   pthread_cancel() takes effect at the next cancellation point after the function has returned;
 *   verifysms_client_cancel() ends the call sooner. A thread whose cancelability type is asynchronous may
 *   lose the result of the function.
 * - No function takes more than 64 KiB of stack, including what the thread already has on it. Your
 *   callbacks come on top.
 *
 * Deadlines and connections:
 * - A call ends within its deadline, at most 5 ms late on a machine that is not busy. The deadline covers
 *   name lookups, CA files, connecting, TLS, both directions and retries.
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
 * - If a callback forks, its call goes on in the parent. In the child it ends as VERIFYSMS_CANCELLED with
 *   VERIFYSMS_REACHED_UNKNOWN, also if the log function forks after the answer was read.
 * - If another thread was looking up a name when the process forked, the lookups of the C library may stay
 *   locked in the child: there, calls that need one end as VERIFYSMS_TIMEOUT with VERIFYSMS_REACHED_NO.
 *   Make the first client of a process before other threads fork: a child that is forked meanwhile may
 *   not make a client of its own.
 * - No function prints, exits, aborts, raises a signal, or lets a panic or an exception out.
 * - Descriptors of the library are above 2 and are closed by exec. If a program closes its standard output
 *   and then prints, nothing of it goes to the service.
 * - The library reads these environment variables: HTTPS_PROXY, ALL_PROXY, NO_PROXY in both cases, and
 *   http_proxy (in verifysms_client_new(), see verifysms_config_set_proxy()), SSL_CERT_FILE and
 *   SSL_CERT_DIR (at the first TLS connection). It looks HTTP_PROXY up and ignores it. The C library
 *   reads its own for name lookups, such as RES_OPTIONS.
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

/** The version that a program is compiled against; verifysms_version() is the one that runs. */
#define VERIFYSMS_VERSION "1.0.0"
/** The service's address. */
#define VERIFYSMS_URL "https://api.99digital.co.il/sms/verifySMS"

/** The settings of a client. */
typedef struct verifysms_config verifysms_config;
/** A client: it keeps connections to the service and makes calls. */
typedef struct verifysms_client verifysms_client;
/** Calls of a client in a program that has an event loop. */
typedef struct verifysms_queue verifysms_queue;
/** The outcome of a call. */
typedef struct verifysms_result verifysms_result;


/**
 * Send: accepted. Check: the number is VERIFIED.
 */
#define VERIFYSMS_OK 0

/**
 * Refused before any I/O; the message names the argument and the rule.
 */
#define VERIFYSMS_INVALID_ARGUMENT 1

/**
 * Check: the service said anything but 1.
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
 * Reset or closed after the request began to leave.
 */
#define VERIFYSMS_CONNECTION_LOST 7

/**
 * An HTTP answer that is not the service's: a proxy's page, a 5xx, a redirect.
 */
#define VERIFYSMS_HTTP_STATUS 8

/**
 * An answer that was not understood, was too large, was about another number or may be another
 * call's.
 */
#define VERIFYSMS_BAD_REPLY 9

/**
 * verifysms_client_cancel(), or an interrupted wait.
 */
#define VERIFYSMS_CANCELLED 10

/**
 * A defect of the library, caught before it could reach the program; or no memory, as the message
 * then says.
 */
#define VERIFYSMS_INTERNAL 11

/**
 * Nobody has read a byte of the request: the call may be repeated.
 */
#define VERIFYSMS_REACHED_NO 0

/**
 * The service answered; the answer decides.
 */
#define VERIFYSMS_REACHED_YES 1

/**
 * Bytes left and no usable answer came back: the SMS may be out, the code may be spent.
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
 * Trust the certificate authorities of the operating system.
 */
#define VERIFYSMS_TRUST_SYSTEM 0

/**
 * Trust Mozilla's certificate authorities, as of the library's release.
 */
#define VERIFYSMS_TRUST_BUNDLED 1

/**
 * A log record of a call: its outcome. The number is syslog's LOG_INFO.
 */
#define VERIFYSMS_LOG_INFO 6

/**
 * A log record of one attempt to reach the service. The number is syslog's LOG_DEBUG.
 */
#define VERIFYSMS_LOG_DEBUG 7

/**
 * Receives log records.
 *
 * @param user_data What was given to verifysms_config_set_log().
 * @param level     VERIFYSMS_LOG_INFO (one record a call, unless an argument is NULL or not
 *                  UTF-8) or VERIFYSMS_LOG_DEBUG (one an attempt).
 * @param message   One English line in UTF-8 without key, code or full phone number; valid
 *                  during the call only.
 * @threads Called in the thread that makes the call, from several at once if several make calls.
 *          It must return normally (no longjmp, pthread_exit or exception).
 * @since 1.0
 */
typedef void (*verifysms_log_fn)(void *user_data, int level, const char *message);

/**
 * Says whether a call that waits should end.
 *
 * @param user_data What was given to verifysms_config_set_interrupt().
 * @return 0 to go on; any other number ends the call as VERIFYSMS_CANCELLED.
 * @threads Called in the thread that makes the call. It must return normally (no longjmp,
 *          pthread_exit or exception).
 * @since 1.0
 */
typedef int (*verifysms_interrupt_fn)(void *user_data);

/**
 * Begins the settings of a client.
 *
 * @param api_key The account's key; copied, without blanks, line breaks and invisible marks around
 *                it. A key that is NULL, empty or has such a mark or a control character inside is
 *                remembered as a refusal.
 * @return The settings, to be freed with verifysms_config_free(); NULL only if the system has no
 *         memory for them and for the reserve of the first.
 * @threads Any thread at any time. Settings are for one thread at a time.
 * @since 1.0
 */
verifysms_config *verifysms_config_new(const char *api_key);

/**
 * Sets the sender ID to show on the phone. There is none by default.
 *
 * @param config Settings, or NULL, which is refused.
 * @param sender A name, or a number that 99 digital has approved, at most 11 characters in UTF-8;
 *               copied. NULL: none.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int verifysms_config_set_sender(verifysms_config *config, const char *sender);

/**
 * Sets the message template. By default the service uses its own, which is
 * "Your verification code is: \#\#code\#\#".
 *
 * @param config Settings, or NULL, which is refused.
 * @param message A text in UTF-8 with \#\#code\#\# where the code will stand; copied. NULL: the
 *                service's own.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int verifysms_config_set_message(verifysms_config *config, const char *message);

/**
 * Sets the address of the service, for example to a sandbox.
 *
 * @param config Settings, or NULL, which is refused.
 * @param url An address that begins with https://, or with http:// if it leads to this machine;
 *            copied. NULL: VERIFYSMS_URL, the default.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int verifysms_config_set_url(verifysms_config *config, const char *url);

/**
 * Sets the total deadline of a call: DNS, connecting, TLS, both directions and retries. A call ends
 * at most 5 ms after it on a machine that is not busy, and never before.
 *
 * @param config Settings, or NULL, which is refused.
 * @param ms Milliseconds, 1 to 86400000 (24 hours); the default is 30000.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int verifysms_config_set_timeout_ms(verifysms_config *config, int ms);

/**
 * Sets how long one attempt to connect may take: DNS, TCP, proxy and TLS.
 *
 * @param config Settings, or NULL, which is refused.
 * @param ms Milliseconds, 1 to 86400000 (24 hours); the default is 10000. Never more than what is
 *           left of the deadline.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int verifysms_config_set_connect_timeout_ms(verifysms_config *config, int ms);

/**
 * Sets the proxy.
 *
 * NO_PROXY is a list with commas or blanks between its entries. Each is one of these:
 * - "*": every host;
 * - a name, with or without a dot or "*." before it: that host and all below it;
 * - an address, IPv6 in any spelling, or a block of them like 10.0.0.0/8 and fd00::/8;
 * - a name or an address with a port, like host:8443 or 192.0.2.1:8443: with that port only; an IPv6
 *   address is in brackets then.
 *
 * @param config Settings, or NULL, which is refused.
 * @param url An address like http://user:password\@host:3128, also https://, socks5:// and
 *            socks5h://; copied. Characters such as / ? # : \@ in a user name or password are
 *            percent-encoded. "": no proxy. NULL, the default: from the environment when the
 *            client is made, that is HTTPS_PROXY (for an http:// address http_proxy) or ALL_PROXY,
 *            unless NO_PROXY names the host or the address leads to this machine. If such a
 *            variable names no proxy, verifysms_client_new() answers NULL and
 *            verifysms_config_error() names the variable.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int verifysms_config_set_proxy(verifysms_config *config,
                               const char *url);

/**
 * Names a file of the certificate authorities to trust, instead of all others.
 *
 * @param config Settings, or NULL, which is refused.
 * @param pem_path A path to a file in PEM format, of at most 4 MiB; copied. It is read at the first
 *                 TLS connection; one with anything in it that may be a certificate and cannot be
 *                 used is an error then. The reading is inside the call's deadline, also on a
 *                 network that stalls. NULL, the default: see verifysms_config_set_trust().
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int verifysms_config_set_ca_file(verifysms_config *config, const char *pem_path);

/**
 * Sets which certificate authorities to trust when no file of them is named.
 *
 * @param config Settings, or NULL, which is refused.
 * @param trust VERIFYSMS_TRUST_SYSTEM, the default: those of the operating system, or of
 *              SSL_CERT_FILE and SSL_CERT_DIR; or VERIFYSMS_TRUST_BUNDLED: Mozilla's.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int verifysms_config_set_trust(verifysms_config *config, int trust);

/**
 * Allows the key to travel over plain http:// to another machine. It is never wise.
 *
 * @param config Settings, or NULL, which is refused.
 * @param yes 0, the default: refuse; any other number: allow.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int verifysms_config_set_allow_http(verifysms_config *config, int yes);

/**
 * Sets a function that receives log records.
 *
 * @param config Settings, or NULL, which is refused.
 * @param log       The function. NULL, the default: no records.
 * @param user_data Passed to the function as it is; must stay valid as long as a client made from
 *                  these settings.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int verifysms_config_set_log(verifysms_config *config, verifysms_log_fn log, void *user_data);

/**
 * Sets a function that is asked while a call waits: every few hundredths of a second, and at once
 * when a signal interrupted the wait for the peer. A call that the function itself makes is not
 * asked about.
 *
 * @param config Settings, or NULL, which is refused.
 * @param interrupt The function. NULL, the default: a call goes on after a signal with the time
 *                  that is left.
 * @param user_data Passed to the function as it is; must stay valid as long as a client made from
 *                  these settings.
 * @return VERIFYSMS_OK or VERIFYSMS_INVALID_ARGUMENT; see verifysms_config_error().
 * @threads One thread at a time for one config.
 * @since 1.0
 */
int verifysms_config_set_interrupt(verifysms_config *config,
                                   verifysms_interrupt_fn interrupt,
                                   void *user_data);

/**
 * The first refusal of these settings, so that a program may look once, after
 * verifysms_client_new() answered NULL.
 *
 * @param config Settings, or NULL.
 * @return One English sentence that names the setting and its rule, owned by the settings and
 *         valid until they are changed or freed; "" if nothing was refused and for NULL.
 * @threads One thread at a time for one config.
 * @since 1.0
 */
const char *verifysms_config_error(const verifysms_config *config);

/**
 * Frees settings. Clients that were made from them live on.
 *
 * @param config Settings that are not used again; NULL does nothing.
 * @threads Any thread, once no other uses the settings.
 * @since 1.0
 */
void verifysms_config_free(verifysms_config *config);

/**
 * Makes a client. Opens nothing: the first call does.
 *
 * @param config Settings; they stay the caller's and may be freed or used for another client.
 * @return A client to be freed with verifysms_client_free(); NULL if a setting or a proxy variable
 *         of the environment was refused or there is no memory, see verifysms_config_error(), or if
 *         config is NULL.
 * @threads Any thread; one thread at a time for one config.
 * @since 1.0
 */
verifysms_client *verifysms_client_new(verifysms_config *config);

/**
 * Ends the calls of a client that are under way in other threads as VERIFYSMS_CANCELLED, within a
 * tenth of a second. Calls that begin later work as ever.
 *
 * @param client A client; NULL does nothing.
 * @threads Any thread at any time. Not from a signal handler.
 * @since 1.0
 */
void verifysms_client_cancel(verifysms_client *client);

/**
 * Frees a client and closes its connections, once it has no queue left.
 *
 * @param client A client that is not used again; NULL does nothing. Freeing it while another
 *               thread is in one of its calls is an error of the caller's.
 * @threads Any thread, once no other uses the client.
 * @since 1.0
 */
void verifysms_client_free(verifysms_client *client);

/**
 * Opens a connection ahead, TLS included. Call it when the page opens on which a person types
 * their number: the send that follows within a minute then takes one round trip instead of four.
 * Does nothing if there is a connection already. Blocks until there is one or the deadline passes.
 *
 * @param client A client.
 * @return The outcome, never NULL, to be freed with verifysms_result_free(). Its code is VERIFYSMS_OK
 *         when there is a connection, which says nothing of a number; verifysms_result_reached() is
 *         VERIFYSMS_REACHED_NO whatever the code. After an error the next call tries by itself. A client
 *         that is NULL is VERIFYSMS_INVALID_ARGUMENT.
 * @threads Any number of threads at once with the same client.
 * @since 1.0
 */
verifysms_result *verifysms_client_connect(verifysms_client *client);

/**
 * Has the service text a code to a phone number. Blocks until it is answered or the deadline
 * passes.
 *
 * @param client A client.
 * @param to     An Israeli phone number as people write it, in UTF-8.
 * @return The outcome, never NULL, to be freed with verifysms_result_free(). Repeat the call by
 *         yourself only if verifysms_result_reached() is VERIFYSMS_REACHED_NO: otherwise the person
 *         may get two messages. A client or number that is NULL is VERIFYSMS_INVALID_ARGUMENT.
 * @threads Any number of threads at once with the same client.
 * @since 1.0
 */
verifysms_result *verifysms_send(verifysms_client *client, const char *to);

/**
 * The same as verifysms_send() with another sender or message than the client's own.
 *
 * @param client  A client.
 * @param to      An Israeli phone number as people write it, in UTF-8.
 * @param sender  As for verifysms_config_set_sender(); NULL: the client's own.
 * @param message As for verifysms_config_set_message(); NULL: the client's own.
 * @return As verifysms_send(), to be freed with verifysms_result_free().
 * @threads Any number of threads at once with the same client.
 * @since 1.0
 */
verifysms_result *verifysms_send_with(verifysms_client *client,
                                      const char *to,
                                      const char *sender,
                                      const char *message);

/**
 * Asks the service whether a code is the one that it texted to a phone number. Blocks until it is
 * answered or the deadline passes. A right code works once.
 *
 * @param client A client.
 * @param to     The number that received the message, as people write it, in UTF-8.
 * @param code   What the person typed, at most 16 characters in UTF-8 without the blanks around it.
 * @return The outcome, never NULL, to be freed with verifysms_result_free(). The number is verified
 *         if and only if verifysms_result_code() is VERIFYSMS_OK. Anything that is NULL is
 *         VERIFYSMS_INVALID_ARGUMENT.
 * @threads Any number of threads at once with the same client.
 * @since 1.0
 */
verifysms_result *verifysms_check(verifysms_client *client, const char *to, const char *code);

/**
 * Makes a queue: any number of calls at once, in one thread that has an event loop and never blocks.
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
 * Every call that was started gives one result, which is kept until it is taken. The library starts
 * no thread for a queue, but for name lookups and for the file of the authorities, and calls no
 * function but the log's, from verifysms_queue_next() and verifysms_queue_free(). The function of
 * verifysms_config_set_interrupt() is not asked: nothing waits. Half the descriptors that the process
 * may have open (RLIMIT_NOFILE), and at most 1024, are used for connections; calls beyond wait for
 * others to end, while their time runs.
 *
 * After fork() a queue stays the parent's: in the child nothing can be started with it, nothing comes
 * from it, and it may be freed, of which the parent notices nothing. The child makes one of its own.
 *
 * @param client A client, which may have other queues and may be freed before them.
 * @return A queue to be freed with verifysms_queue_free(). NULL if client is, or if the process has no
 *         descriptor left: a queue has three, on macOS one.
 * @threads Any thread; one thread at a time for one queue. Functions that the library calls may not
 *          use the queue that calls them.
 * @since 1.0
 */
verifysms_queue *verifysms_queue_new(verifysms_client *client);

/**
 * The descriptor to wait for with poll(), epoll or kqueue. It is readable when verifysms_queue_next()
 * has something to do, which need not be a result: an answer has come, a time is over, a call was
 * started or cancelled, a result is there.
 *
 * @param queue A queue, or NULL.
 * @return The descriptor, for nothing but to wait until it is readable; it is closed when the queue is
 *         freed. -1 for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int verifysms_queue_descriptor(const verifysms_queue *queue);

/**
 * Starts what verifysms_send_with() does, and returns at once. The deadline begins here.
 *
 * @param queue     A queue.
 * @param to        An Israeli phone number as people write it, in UTF-8.
 * @param sender    As for verifysms_config_set_sender(); NULL: the client's own.
 * @param message   As for verifysms_config_set_message(); NULL: the client's own.
 * @param user_data Given back with the result.
 * @return VERIFYSMS_OK when it was started: it gives one result, also if an argument is refused.
 *         Otherwise nothing comes: VERIFYSMS_INVALID_ARGUMENT if queue is NULL, its parent's after a
 *         fork or in use, VERIFYSMS_INTERNAL for a defect of the library.
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int verifysms_queue_send(verifysms_queue *queue,
                         const char *to,
                         const char *sender,
                         const char *message,
                         void *user_data);

/**
 * Starts what verifysms_check() does, and returns at once. The deadline begins here.
 *
 * @param queue     A queue.
 * @param to        The number that received the message, as people write it, in UTF-8.
 * @param code      What the person typed, as for verifysms_check().
 * @param user_data Given back with the result.
 * @return As verifysms_queue_send(); a number or code that is NULL is refused like any.
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int verifysms_queue_check(verifysms_queue *queue,
                          const char *to,
                          const char *code,
                          void *user_data);

/**
 * Starts what verifysms_client_connect() does, and returns at once. The deadline begins here.
 *
 * @param queue     A queue.
 * @param user_data Given back with the result, NULL as well.
 * @return As verifysms_queue_send().
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int verifysms_queue_connect(verifysms_queue *queue, void *user_data);

/**
 * Makes calls go on as far as they can without waiting, and takes a result. Call it again until it
 * answers NULL, then wait for the descriptor; as long as there are results that is readable.
 *
 * @param queue     A queue, or NULL.
 * @param user_data Where to put what was given when the call was started, or NULL. It becomes NULL when
 *                  there is no result.
 * @return The outcome of one call, to be freed with verifysms_result_free(). They come in the order in
 *         which the calls ended. NULL when there is none now. An accepted message is VERIFYSMS_OK, too:
 *         verifysms_result_status() is 1 for a check that verified the number, and for nothing else.
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
verifysms_result *verifysms_queue_next(verifysms_queue *queue,
                                       void **user_data);

/**
 * How many calls were started whose results have not been taken.
 *
 * @param queue A queue, or NULL.
 * @return Their number; 0 for NULL.
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int verifysms_queue_count(verifysms_queue *queue);

/**
 * Ends the calls that are under way and were started with user_data as VERIFYSMS_CANCELLED. Their
 * results are taken like any. verifysms_client_cancel() ends all calls of a client, those of its
 * queues as well, from any thread.
 *
 * @param queue     A queue, or NULL.
 * @param user_data What was given when they were started.
 * @return How many they are; 0 for NULL.
 * @threads One thread at a time for one queue.
 * @since 1.0
 */
int verifysms_queue_cancel(verifysms_queue *queue, void *user_data);

/**
 * Frees a queue. Calls that are under way end as VERIFYSMS_CANCELLED, which only the log says: results
 * that were not taken are lost, and whether a message is out. Cancel and take them before if that
 * matters.
 *
 * @param queue A queue that is not used again; NULL does nothing.
 * @threads Any thread, once no other uses the queue.
 * @since 1.0
 */
void verifysms_queue_free(verifysms_queue *queue);

/**
 * How the call ended.
 *
 * @param result A result, or NULL.
 * @return One of the codes: VERIFYSMS_OK, which for a check means verified and is the only
 *         answer that does, or another. VERIFYSMS_INTERNAL for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int verifysms_result_code(const verifysms_result *result);

/**
 * Whether the request got to the service.
 *
 * It did not where no byte of it left this machine. Nor did it where the connection ended before
 * any byte of an answer, while the peer's machine had acknowledged no byte of the request: by the
 * rules of TCP no program there has read any. Only one that closed its output alone, with
 * shutdown(), could still do so, and it could not answer. A reset proves nothing, nor does any end
 * where the system does not tell what was acknowledged (Linux does): they are _UNKNOWN.
 *
 * @param result A result, or NULL.
 * @return VERIFYSMS_REACHED_NO (the call may be repeated), _YES (the answer decides) or
 *         _UNKNOWN (only a person or a policy of yours can decide). _UNKNOWN for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int verifysms_result_reached(const verifysms_result *result);

/**
 * The reason that the service gave.
 *
 * @param result A result, or NULL.
 * @return Its number when it said FAIL, documented (VERIFYSMS_REASON_) or not; 1 when it
 *         accepted a send; 0 without one and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int verifysms_result_reason(const verifysms_result *result);

/**
 * The raw status of a check. The provider names 1 alone; give no meaning to the others.
 *
 * @param result A result, or NULL.
 * @return 1 when verified; 0 without one and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int verifysms_result_status(const verifysms_result *result);

/**
 * The HTTP status of the answer.
 *
 * @param result A result, or NULL.
 * @return For example 200; 0 without an answer and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int verifysms_result_http_status(const verifysms_result *result);

/**
 * When the service accepted a send.
 *
 * @param result A result, or NULL.
 * @return Unix time in seconds; 0 without one and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
int64_t verifysms_result_timestamp(const verifysms_result *result);

/**
 * The id of an accepted message, with which the provider's Delivery Status can be asked.
 *
 * @param result A result, or NULL.
 * @return The string in UTF-8, owned by the result and valid until it is freed; "" without one
 *         and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *verifysms_result_unique(const verifysms_result *result);

/**
 * The sender that was used for an accepted message.
 *
 * @param result A result, or NULL.
 * @return The string in UTF-8, owned by the result and valid until it is freed; "" without one
 *         and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *verifysms_result_sender(const verifysms_result *result);

/**
 * The phone number in the service's form, for example 0501234567, once it was understood.
 *
 * @param result A result, or NULL.
 * @return The string in UTF-8, owned by the result and valid until it is freed; "" without one
 *         and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *verifysms_result_to(const verifysms_result *result);

/**
 * One English sentence for a log. It holds no key, code or full phone number.
 *
 * @param result A result, or NULL.
 * @return The string in UTF-8, owned by the result and valid until it is freed; "" without one
 *         and for NULL.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *verifysms_result_message(const verifysms_result *result);

/**
 * Frees a result and the strings that were read from it.
 *
 * @param result A result that is not used again; NULL does nothing.
 * @threads Any thread, once no other uses the result.
 * @since 1.0
 */
void verifysms_result_free(verifysms_result *result);

/**
 * The name of a code, for example "NOT_VERIFIED".
 *
 * @param code One of the VERIFYSMS_ codes.
 * @return The name, static and never freed; "" for a number that is no code.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *verifysms_code_name(int code);

/**
 * The version of the library that is running, for example "1.0.0".
 *
 * Compare it with VERIFYSMS_VERSION, the version that the program was compiled against.
 *
 * @return Three numbers with dots, static and never freed.
 * @threads Any thread at any time.
 * @since 1.0
 */
const char *verifysms_version(void);

/**
 * Copies a string into a buffer of fixed size, for languages that have no strings of their own.
 *
 * Copies as many whole characters as fit and ends them with a NUL byte. The string was cut if
 * the result is not less than size.
 *
 * @param string The string; NULL counts as "".
 * @param buffer Where to copy it; with NULL nothing is copied.
 * @param size   The size of the buffer in bytes; with 0 or less nothing is copied.
 * @return The full length of the string in bytes, without its NUL byte.
 * @threads Any thread at any time.
 * @since 1.0
 */
int verifysms_copy(const char *string, char *buffer, int size);

#ifdef __cplusplus
}
#endif

#endif /* VERIFYSMS_H */
