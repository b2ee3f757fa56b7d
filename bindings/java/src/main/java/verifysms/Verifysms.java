package verifysms;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;

/**
 * The C library as a class, over JNA. A wrong code is an answer; any other
 * failure is a Failure. Only this file calls C. Any number of threads may share a client.
 */
public final class Verifysms implements AutoCloseable {
    private static final int OK = 0, NOT_VERIFIED = 2;
    public static final int INVALID_ARGUMENT = 1, REJECTED = 3, CONNECT = 4, TLS = 5, TIMEOUT = 6;
    public static final int CONNECTION_LOST = 7, HTTP_STATUS = 8, BAD_REPLY = 9, CANCELLED = 10, INTERNAL = 11;
    public static final int LIMITED = 12, GUARD_DOWN = 13;
    public static final int REACHED_NO = 0, REACHED_YES = 1, REACHED_UNKNOWN = 2;
    public static final int TRUST_SYSTEM = 0, TRUST_BUNDLED = 1;
    public static final int LOG_WARNING = 4, LOG_INFO = 6, LOG_DEBUG = 7;
    public static final int EVENT_OTHER = 0, EVENT_SENT = 1, EVENT_CHECKED = 2, EVENT_VERIFIED = 3, EVENT_REFUSED = 4;
    public static final int EVENT_UNKNOWN = 5, EVENT_LIMITED = 6, EVENT_FAILED = 7;
    public static final int GUARD_LOCAL = 0, GUARD_REFUSE = 1, GUARD_ALLOW = 2;
    public static final int LIMIT_COOLDOWN = 1, LIMIT_SENDS_NUMBER = 2, LIMIT_SENDS_NUMBER_DAY = 3;
    public static final int LIMIT_SENDS_USER = 4, LIMIT_SENDS_RANGE = 5, LIMIT_SENDS_APP = 6, LIMIT_TRIES = 7;
    public static final int LIMIT_FAILURES_NUMBER = 8, LIMIT_FAILURES_USER = 9;
    public static final int PHONE_UNKNOWN = 0, PHONE_MOBILE = 1, PHONE_LANDLINE = 2, PHONE_VOIP = 3, PHONE_KOSHER = 4;
    public static final int DELIVERY_UNKNOWN = 0, DELIVERY_PENDING = 1, DELIVERY_DELIVERED = 2, DELIVERY_FAILED = 3;
    public static final int DELIVERY_BLOCKED = 4, DELIVERY_EXPIRED = 5, DELIVERY_CODE_NONE = -2147483647;
    public static final int NEXT_NONE = 0, NEXT_WAIT = 1, NEXT_RETRY_LATER = 2, NEXT_ANOTHER_NUMBER = 3;
    public static final int NEXT_OPTED_OUT = 4, NEXT_ABROAD = 5, NEXT_CONTACT_SUPPORT = 6;
    public static final int ENCODING_GSM7 = 1, ENCODING_UCS2 = 2, WARNING_WITHOUT_CODE = 1;
    public static final int WARNING_SEVERAL_PARTS = 2, WARNING_COSTLY_CHARACTER = 3, WARNING_CODE_IN_RIGHT_TO_LEFT_LINE = 4;
    public static final int WARNING_DIRECTION_MARK = 5, WARNING_WEBOTP_MISSING = 6, WARNING_WEBOTP_NOT_LAST = 7;
    public static final int WARNING_WEBOTP_FORM = 8, WARNING_WEBOTP_HOST = 9, WARNING_WEBOTP_ORIGIN = 10;
    public static final int WARNING_RETRIEVER_LENGTH = 11, WARNING_LINK = 12, WARNING_OTHER_NUMBER = 13;
    public static final int WARNING_SENDER_INVALID = 14, WARNING_SENDER_CHARACTERS = 15, WARNING_SENDER_NUMBER = 16;

    /** The functions of verifysms.h. JNA copies a returned text and does not free it. */
    private interface C extends Library {
        C LIBRARY = load();
        Pointer verifysms_config_new(String api_key);
        int verifysms_config_set_sender(Pointer config, String sender);
        int verifysms_config_set_message(Pointer config, String message);
        int verifysms_config_set_url(Pointer config, String url);
        int verifysms_config_set_delivery_url(Pointer config, String url);
        int verifysms_config_set_timeout_ms(Pointer config, int ms);
        int verifysms_config_set_connect_timeout_ms(Pointer config, int ms);
        int verifysms_config_set_proxy(Pointer config, String url);
        int verifysms_config_set_ca_file(Pointer config, String pem_path);
        int verifysms_config_set_trust(Pointer config, int trust);
        int verifysms_config_set_allow_http(Pointer config, int yes);
        int verifysms_config_set_log(Pointer config, LogFunction log, Pointer user_data);
        int verifysms_config_set_event(Pointer config, EventFunction event, Pointer user_data);
        int verifysms_config_set_interrupt(Pointer config, InterruptFunction interrupt, Pointer user_data);
        int verifysms_config_set_guard(Pointer config, String store);
        int verifysms_config_set_limit(Pointer config, int limit, int most, int seconds);
        int verifysms_config_set_guard_secret(Pointer config, String secret);
        int verifysms_config_set_guard_namespace(Pointer config, String name);
        int verifysms_config_set_guard_timeout_ms(Pointer config, int ms);
        int verifysms_config_set_guard_failure(Pointer config, int failure);
        int verifysms_config_rule(Pointer config);
        String verifysms_config_error(Pointer config);
        void verifysms_config_free(Pointer config);
        Pointer verifysms_client_new(Pointer config);
        void verifysms_client_cancel(Pointer client);
        void verifysms_client_free(Pointer client);
        Pointer verifysms_client_connect(Pointer client);
        Pointer verifysms_request_new(String to);
        int verifysms_request_set_end_user(Pointer request, String end_user);
        int verifysms_request_set_sender(Pointer request, String sender);
        int verifysms_request_set_message(Pointer request, String message);
        int verifysms_request_set_origin(Pointer request, String origin);
        int verifysms_request_set_app_hash(Pointer request, String app_hash);
        int verifysms_request_set_timeout_ms(Pointer request, int ms);
        void verifysms_request_free(Pointer request);
        Pointer verifysms_send_request(Pointer client, Pointer request);
        Pointer verifysms_check_request(Pointer client, Pointer request, String code);
        Pointer verifysms_delivery(Pointer client, String unique);
        Pointer verifysms_forget(Pointer client, String to);
        Pointer verifysms_guard_show(Pointer client, String to);
        int verifysms_result_code(Pointer result);
        int verifysms_result_reached(Pointer result);
        int verifysms_result_rule(Pointer result);
        int verifysms_result_reason(Pointer result);
        int verifysms_result_status(Pointer result);
        int verifysms_result_http_status(Pointer result);
        int verifysms_result_limit(Pointer result);
        int verifysms_result_retry_after(Pointer result);
        int verifysms_result_tries_left(Pointer result);
        long verifysms_result_timestamp(Pointer result);
        String verifysms_result_unique(Pointer result);
        String verifysms_result_sender(Pointer result);
        String verifysms_result_to(Pointer result);
        String verifysms_result_message(Pointer result);
        int verifysms_result_delivery_state(Pointer result);
        int verifysms_result_delivery_next(Pointer result);
        int verifysms_result_delivery_code(Pointer result);
        String verifysms_result_delivery_hebrew(Pointer result);
        String verifysms_result_delivery_english(Pointer result);
        String verifysms_result_delivery_date(Pointer result);
        String verifysms_result_delivery_operator(Pointer result);
        String verifysms_result_user_text(Pointer result, String language);
        void verifysms_result_free(Pointer result);
        int verifysms_wait_text(int seconds, String language, byte[] buffer, int size);
        int verifysms_phone_normalize(String text, byte[] buffer, int size);
        int verifysms_phone_e164(String text, byte[] buffer, int size);
        int verifysms_phone_kind(String text);
        Pointer verifysms_message_inspect(String message, String sender, String origin);
        int verifysms_message_encoding(Pointer message);
        int verifysms_message_length(Pointer message, int digits);
        int verifysms_message_parts(Pointer message, int digits);
        int verifysms_message_warning_count(Pointer message);
        int verifysms_message_warning(Pointer message, int index);
        int verifysms_message_warning_position(Pointer message, int index);
        String verifysms_message_warning_text(Pointer message, int index);
        void verifysms_message_free(Pointer message);
        String verifysms_event_name(int event);
        String verifysms_limit_name(int limit);
        String verifysms_rule_name(int rule);
        String verifysms_version();
    }

    private interface LogFunction extends Callback {
        void invoke(Pointer data, int level, Pointer line);
    }

    private interface EventFunction extends Callback {
        void invoke(Pointer data, int event, int code, int reached, int milliseconds, int attempt, int reused, int limit);
    }

    private interface InterruptFunction extends Callback {
        int invoke(Pointer data);
    }

    private static C load() {
        String library = System.getenv().getOrDefault("VERIFYSMS_LIBRARY", "libverifysms.so.1");
        try {
            return Native.load(library, C.class, Collections.singletonMap(Library.OPTION_STRING_ENCODING, "UTF-8"));
        } catch (UnsatisfiedLinkError error) {
            UnsatisfiedLinkError told = new UnsatisfiedLinkError("cannot load " + library + ": install verifysms, or name the"
                + " file in VERIFYSMS_LIBRARY; bindings/README.md, \"The library is not found\"");
            told.initCause(error);
            throw told;
        }
    }

    /** What is known of a call. It verifies nobody. */
    public static class Answer {
        /** The number in the service's form, and the sender and the id of an accepted message. */
        public final String to, sender, unique;
        /** One sentence for a log. */
        public final String message;
        /** Sentences for the person who signs up, in Hebrew and in English. */
        public final String userTextHe, userTextEn;
        /** Which rule an argument breaks, by ruleName; 0 if none. */
        public final int rule;
        /** The service's number in a FAIL, its number in the answer to a check, and the HTTP status. */
        public final int reason, status, httpStatus;
        /** The limit that makes the next such call wait, for how many seconds, and how many wrong codes are left. */
        public final int limit, retryAfter, triesLeft;
        /** When a message was accepted, in seconds of Unix time. */
        public final long timestamp;
        private Answer(Pointer result) {
            to = C.LIBRARY.verifysms_result_to(result);
            sender = C.LIBRARY.verifysms_result_sender(result);
            unique = C.LIBRARY.verifysms_result_unique(result);
            message = C.LIBRARY.verifysms_result_message(result);
            userTextHe = C.LIBRARY.verifysms_result_user_text(result, "he");
            userTextEn = C.LIBRARY.verifysms_result_user_text(result, "en");
            rule = C.LIBRARY.verifysms_result_rule(result);
            reason = C.LIBRARY.verifysms_result_reason(result);
            status = C.LIBRARY.verifysms_result_status(result);
            httpStatus = C.LIBRARY.verifysms_result_http_status(result);
            limit = C.LIBRARY.verifysms_result_limit(result);
            retryAfter = C.LIBRARY.verifysms_result_retry_after(result);
            triesLeft = C.LIBRARY.verifysms_result_tries_left(result);
            timestamp = C.LIBRARY.verifysms_result_timestamp(result);
        }
    }

    /** A message that the service accepted. It verifies nobody. */
    public static final class Sent extends Answer {
        private Sent(Pointer result) { super(result); }
    }

    /** What became of a message. It verifies nobody. */
    public static final class Delivery extends Answer {
        /** One of DELIVERY_, one of NEXT_, and the provider's own code, DELIVERY_CODE_NONE without one. */
        public final int state, next, deliveryCode;
        /** The provider's words in Hebrew and English, its date, and the operator of the phone. */
        public final String hebrew, english, date, operator;
        private Delivery(Pointer result) {
            super(result);
            state = C.LIBRARY.verifysms_result_delivery_state(result);
            next = C.LIBRARY.verifysms_result_delivery_next(result);
            deliveryCode = C.LIBRARY.verifysms_result_delivery_code(result);
            hebrew = C.LIBRARY.verifysms_result_delivery_hebrew(result);
            english = C.LIBRARY.verifysms_result_delivery_english(result);
            date = C.LIBRARY.verifysms_result_delivery_date(result);
            operator = C.LIBRARY.verifysms_result_delivery_operator(result);
        }
    }

    /** The service's answer about a code. */
    public static final class Checked extends Answer {
        private final int code;
        private Checked(Pointer result) {
            super(result);
            code = C.LIBRARY.verifysms_result_code(result);
        }
        public boolean isVerified() { return code == OK && status == 1; }
    }

    /**
     * Why a call has no answer. Repeat it only if reached is REACHED_NO, and after LIMITED not before retryAfter
     * seconds.
     */
    public static final class Failure extends Exception {
        private static final long serialVersionUID = 1;
        public final int code, reached, reason, retryAfter;
        /** Which rule an argument or a setting breaks, by ruleName; 0 if none. */
        public final int rule;
        /** What is known of the call beside; null if none was made. */
        public final transient Answer answer;
        private Failure(Pointer result) {
            super(C.LIBRARY.verifysms_result_message(result));
            answer = new Answer(result);
            code = C.LIBRARY.verifysms_result_code(result);
            reached = C.LIBRARY.verifysms_result_reached(result);
            rule = answer.rule;
            reason = answer.reason;
            retryAfter = answer.retryAfter;
        }
        private Failure(String refusal, int rule) {
            super(refusal);
            answer = null;
            code = INVALID_ARGUMENT;
            reached = REACHED_NO;
            this.rule = rule;
            reason = 0;
            retryAfter = 0;
        }
    }

    /** A phone number in the forms that services and databases want. */
    public static final class Phone {
        /** The service's form, 0501234567, and the international one, +972501234567. */
        public final String to, e164;
        /** A hint, as numbers are ported: PHONE_MOBILE and so on. */
        public final int kind;
        /** 0, or which rule of ruleName the text breaks; then it is no number. */
        public final int rule;
        private Phone(String text) {
            byte[] local = new byte[16], international = new byte[16];
            rule = C.LIBRARY.verifysms_phone_normalize(text, local, local.length);
            C.LIBRARY.verifysms_phone_e164(text, international, international.length);
            to = Native.toString(local, "UTF-8");
            e164 = Native.toString(international, "UTF-8");
            kind = C.LIBRARY.verifysms_phone_kind(text);
        }
    }

    /** What a message costs, and what is wrong with it. */
    public static final class Inspection {
        /** One of ENCODING_, the length in its units, and how many parts are sent. */
        public final int encoding, length, parts;
        public final List<Warning> warnings;
        private Inspection(Pointer found, int digits) {
            encoding = C.LIBRARY.verifysms_message_encoding(found);
            length = C.LIBRARY.verifysms_message_length(found, digits);
            parts = C.LIBRARY.verifysms_message_parts(found, digits);
            List<Warning> all = new ArrayList<>();
            int count = C.LIBRARY.verifysms_message_warning_count(found);
            for (int index = 0; index < count; index++) { all.add(new Warning(found, index)); }
            warnings = Collections.unmodifiableList(all);
        }
    }

    /** One thing that is wrong with a message. */
    public static final class Warning {
        /** One of WARNING_, and its place in the text, -1 for all of it. */
        public final int kind, position;
        /** One English sentence. */
        public final String text;
        private Warning(Pointer found, int index) {
            kind = C.LIBRARY.verifysms_message_warning(found, index);
            position = C.LIBRARY.verifysms_message_warning_position(found, index);
            text = C.LIBRARY.verifysms_message_warning_text(found, index);
        }
    }

    /** Is told of the end of each call: for counters and metrics. */
    public interface Counter {
        /** event is one of EVENT_, attempt the one that ended the call, limit what refused it, or 0. */
        void count(int event, int code, int reached, int milliseconds, int attempt, boolean reused, int limit);
    }

    /** The settings of a client; null keeps the library's default. */
    public static final class Settings {
        private final String apiKey;
        private final Map<String, Consumer<Pointer>> set = new LinkedHashMap<>();
        private String broken;

        private Settings(String apiKey) { this.apiKey = text(apiKey); }
        public Settings sender(String sender) { return put("sender", text(sender), C.LIBRARY::verifysms_config_set_sender); }
        public Settings message(String message) { return put("message", text(message), C.LIBRARY::verifysms_config_set_message); }
        public Settings url(String url) { return put("url", text(url), C.LIBRARY::verifysms_config_set_url); }
        public Settings deliveryUrl(String url) { return put("deliveryUrl", text(url), C.LIBRARY::verifysms_config_set_delivery_url); }
        public Settings timeoutMs(Integer ms) { return put("timeoutMs", ms, C.LIBRARY::verifysms_config_set_timeout_ms); }
        public Settings connectTimeoutMs(Integer ms) { return put("connectTimeoutMs", ms, C.LIBRARY::verifysms_config_set_connect_timeout_ms); }
        /** "" for no proxy, whatever the environment says. */
        public Settings proxy(String url) { return put("proxy", text(url), C.LIBRARY::verifysms_config_set_proxy); }
        public Settings caFile(String pemPath) { return put("caFile", text(pemPath), C.LIBRARY::verifysms_config_set_ca_file); }
        public Settings trust(Integer trust) { return put("trust", trust, C.LIBRARY::verifysms_config_set_trust); }
        public Settings allowHttp(boolean yes) { return put("allowHttp", yes ? 1 : 0, C.LIBRARY::verifysms_config_set_allow_http); }
        public Settings guard(String store) { return put("guard", text(store), C.LIBRARY::verifysms_config_set_guard); }
        /** No limits on sends and tries. */
        public Settings noGuard() { return put("guard", 0, (config, none) -> C.LIBRARY.verifysms_config_set_guard(config, null)); }
        /** At most so many in so many seconds; 0: no limit of this kind, one of LIMIT_. */
        public Settings limit(int limit, int most, int seconds) {
            return put("limit " + limit, most, (config, many) -> C.LIBRARY.verifysms_config_set_limit(config, limit, many, seconds));
        }
        public Settings guardSecret(String secret) { return put("guardSecret", text(secret), C.LIBRARY::verifysms_config_set_guard_secret); }
        public Settings guardNamespace(String name) { return put("guardNamespace", text(name), C.LIBRARY::verifysms_config_set_guard_namespace); }
        public Settings guardTimeoutMs(Integer ms) { return put("guardTimeoutMs", ms, C.LIBRARY::verifysms_config_set_guard_timeout_ms); }
        public Settings guardFailure(Integer failure) { return put("guardFailure", failure, C.LIBRARY::verifysms_config_set_guard_failure); }
        /** Gets each line with its level, in the thread of the call. What it throws is lost. */
        public Settings log(ObjIntConsumer<String> log) {
            return put("log", log == null ? null : logging(log), (config, function) -> C.LIBRARY.verifysms_config_set_log(config, function, null));
        }
        /** Gets the end of each call in numbers, in its thread. What it throws is lost. */
        public Settings event(Counter event) {
            return put("event", event == null ? null : counting(event),
                (config, function) -> C.LIBRARY.verifysms_config_set_event(config, function, null));
        }
        /** Asked while a call waits, in its thread: true ends it as CANCELLED, and so does an exception. */
        public Settings interrupt(BooleanSupplier interrupt) {
            return put("interrupt", interrupt == null ? null : interrupting(interrupt),
                (config, function) -> C.LIBRARY.verifysms_config_set_interrupt(config, function, null));
        }
        /** Makes the client, or throws a Failure that names the setting. */
        public Verifysms open() throws Failure { return new Verifysms(this); }

        private <T> Settings put(String name, T value, Setter<T> setter) {
            set.put(name, value == null ? config -> { } : config -> setter.set(config, value));
            return this;
        }
        private String text(String text) {
            if (isBroken(text)) { broken = BROKEN; }
            return text;
        }
    }

    private interface Setter<T> {
        int set(Pointer config, T value);
    }

    private final ReentrantReadWriteLock calls = new ReentrantReadWriteLock();
    /** C calls the functions in them as long as there is a client. */
    private final Map<String, Consumer<Pointer>> settings;
    private Pointer client;
    private volatile boolean isClosed;

    private Verifysms(Settings given) throws Failure {
        if (given.broken != null) { throw new Failure(given.broken, 0); }
        settings = new LinkedHashMap<>(given.set);
        Pointer config = C.LIBRARY.verifysms_config_new(given.apiKey);
        settings.values().forEach(set -> set.accept(config));
        client = C.LIBRARY.verifysms_client_new(config);
        String refusal = C.LIBRARY.verifysms_config_error(config);
        int rule = C.LIBRARY.verifysms_config_rule(config);
        C.LIBRARY.verifysms_config_free(config);
        if (client == null) { throw new Failure(refusal, rule); }
    }

    /** Starts the settings of a client. */
    public static Settings configure(String apiKey) { return new Settings(apiKey); }

    /**
     * Opens a connection ahead of the next call: when the page opens on which a person types a number.
     * After a Failure the next call connects by itself.
     */
    public void connect() throws Failure {
        call(() -> C.LIBRARY.verifysms_client_connect(client), connected -> null);
    }

    /** Sends a code to a phone number by SMS. */
    public Sent send(String to) throws Failure { return send(to, null, null, null, null); }

    /**
     * Sends a code with another sender or message than the client's, for an end user whose sends the guard
     * counts; null keeps the client's, or is nobody.
     */
    public Sent send(String to, String sender, String message, String endUser) throws Failure {
        return send(to, sender, message, endUser, null);
    }

    /** The same, with another deadline than the client's. */
    public Sent send(String to, String sender, String message, String endUser, Integer timeoutMs) throws Failure {
        return send(to, sender, message, endUser, timeoutMs, null, null);
    }

    /**
     * The same, with the lines for the origin of a page, such as example.co.il, and the hash of an Android app,
     * which may fill the code in.
     */
    public Sent send(String to, String sender, String message, String endUser, Integer timeoutMs, String origin,
            String appHash) throws Failure {
        return call(() -> about(to, endUser, timeoutMs, request -> {
            C.LIBRARY.verifysms_request_set_sender(request, sender);
            C.LIBRARY.verifysms_request_set_message(request, message);
            C.LIBRARY.verifysms_request_set_origin(request, origin);
            C.LIBRARY.verifysms_request_set_app_hash(request, appHash);
            return C.LIBRARY.verifysms_send_request(client, request);
        }), Sent::new, to, sender, message, endUser, origin, appHash);
    }

    /** Checks the code that a person typed: see isVerified(). A wrong code is no Failure. */
    public Checked check(String to, String typed) throws Failure { return check(to, typed, null, null); }

    /** The same, for an end user whose wrong codes the guard counts. */
    public Checked check(String to, String typed, String endUser) throws Failure { return check(to, typed, endUser, null); }

    /** The same, with another deadline than the client's. */
    public Checked check(String to, String typed, String endUser, Integer timeoutMs) throws Failure {
        return call(() -> about(to, endUser, timeoutMs, request -> C.LIBRARY.verifysms_check_request(client, request, typed)),
            Checked::new, to, typed, endUser);
    }

    /** Forgets what the guard knows of a number: for a call centre that unlocks a person. */
    public void forget(String to) throws Failure {
        call(() -> C.LIBRARY.verifysms_forget(client, to), forgotten -> null, to);
    }

    /** How far the limits of a number are used, as a text. */
    public String guardShow(String to) throws Failure {
        return call(() -> C.LIBRARY.verifysms_guard_show(client, to), C.LIBRARY::verifysms_result_message, to);
    }

    /** What became of a message, by the unique of its send. */
    public Delivery delivery(String unique) throws Failure {
        return call(() -> C.LIBRARY.verifysms_delivery(client, unique), Delivery::new, unique);
    }

    private static Pointer about(String to, String endUser, Integer timeoutMs, Function<Pointer, Pointer> made) {
        Pointer request = C.LIBRARY.verifysms_request_new(to);
        C.LIBRARY.verifysms_request_set_end_user(request, endUser);
        if (timeoutMs != null) { C.LIBRARY.verifysms_request_set_timeout_ms(request, timeoutMs); }
        Pointer result = made.apply(request);
        C.LIBRARY.verifysms_request_free(request);
        return result;
    }

    /** Ends the calls that are in flight, as CANCELLED. From any thread; later calls work again. */
    public void cancel() {
        // Not behind a close(), which waits for those very calls.
        if (calls.readLock().tryLock()) {
            try {
                C.LIBRARY.verifysms_client_cancel(client);
            } finally { give(); }
        }
    }

    /**
     * Waits for the calls in flight, which need the client, then frees it. In a function that a call has called, it
     * does not wait: the last call frees the client when it ends.
     */
    @Override public void close() {
        isClosed = true;
        if (calls.getReadHoldCount() == 0) {
            calls.writeLock().lock();
            free();
        }
    }

    private void free() {
        C.LIBRARY.verifysms_client_free(client);
        client = null;
        calls.writeLock().unlock();
    }

    /** Ends the use of the client, and frees it if it is closed and nobody else uses it. */
    private void give() {
        calls.readLock().unlock();
        if (isClosed && calls.writeLock().tryLock()) { free(); }
    }

    /** The name of an event, for example VERIFIED. */
    public static String eventName(int event) { return C.LIBRARY.verifysms_event_name(event); }

    /** The name of a limit, for example SENDS_NUMBER. */
    public static String limitName(int limit) { return C.LIBRARY.verifysms_limit_name(limit); }

    /** The name of a rule, for example PHONE_TOO_SHORT. */
    public static String ruleName(int rule) { return C.LIBRARY.verifysms_rule_name(rule); }

    /** The sentence that a new code can be asked for in so many seconds, in Hebrew for "he", otherwise in English. */
    public static String waitText(int seconds, String language) {
        byte[] text = new byte[256];
        C.LIBRARY.verifysms_wait_text(seconds, language, text, text.length);
        return Native.toString(text, "UTF-8");
    }

    /** A phone number as people write it. Its rule says whether it is one. */
    public static Phone phone(String text) throws Failure {
        if (isBroken(text)) { throw new Failure(BROKEN, 0); }
        return new Phone(text);
    }

    /**
     * Inspects a message with a code of so many digits, before it is sent. The sender, and the host of the page on
     * which a browser is to fill the code in, may be null.
     */
    public static Inspection inspect(String message, String sender, String origin, int digits) throws Failure {
        for (String text : new String[] {message, sender, origin}) {
            if (isBroken(text)) { throw new Failure(BROKEN, 0); }
        }
        Pointer found = C.LIBRARY.verifysms_message_inspect(message, sender, origin);
        if (found == null) { throw new Failure("message: is no text", 0); }
        Inspection inspection = new Inspection(found, digits);
        C.LIBRARY.verifysms_message_free(found);
        return inspection;
    }

    /** The version of the loaded library. */
    public static String version() { return C.LIBRARY.verifysms_version(); }

    private <T> T call(Supplier<Pointer> made, Function<Pointer, T> read, String... texts) throws Failure {
        for (String text : texts) {
            if (isBroken(text)) { throw new Failure(BROKEN, 0); }
        }
        calls.readLock().lock();
        try {
            if (isClosed) { throw new IllegalStateException("the client is closed"); }
            Pointer result = made.get();
            try {
                int code = C.LIBRARY.verifysms_result_code(result);
                if (code == OK || code == NOT_VERIFIED) { return read.apply(result); }
                throw new Failure(result);
            } finally { C.LIBRARY.verifysms_result_free(result); }
        } finally { give(); }
    }

    /** No exception leaves a function that C calls: JNA would print it. */
    private static LogFunction logging(ObjIntConsumer<String> log) {
        return (data, level, line) -> {
            try { log.accept(line.getString(0, "UTF-8"), level); } catch (Throwable lost) { /* The call goes on. */ }
        };
    }

    private static EventFunction counting(Counter counter) {
        return (data, event, code, reached, milliseconds, attempt, reused, limit) -> {
            try {
                counter.count(event, code, reached, milliseconds, attempt, reused != 0, limit);
            } catch (Throwable lost) { /* The call goes on. */ }
        };
    }

    private static InterruptFunction interrupting(BooleanSupplier interrupt) {
        return data -> {
            try { return interrupt.getAsBoolean() ? 1 : 0; } catch (Throwable ends) { return 1; }
        };
    }

    private static final String BROKEN = "a text has a NUL or half a character in it";

    /** C ends a text at a NUL, and Java encodes an unpaired surrogate as ?: both would send another text. */
    private static boolean isBroken(String text) {
        return text != null && (text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text));
    }
}
