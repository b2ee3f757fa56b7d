import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The C library as a class, over JNA. A wrong code is an answer; any other
 * failure is a Failure. Only this file calls C. Any number of threads may share a client.
 */
public final class Verifysms implements AutoCloseable {
    private static final int OK = 0, NOT_VERIFIED = 2;
    public static final int INVALID_ARGUMENT = 1, REJECTED = 3, CONNECT = 4, TLS = 5, TIMEOUT = 6;
    public static final int CONNECTION_LOST = 7, HTTP_STATUS = 8, BAD_REPLY = 9, CANCELLED = 10, INTERNAL = 11;
    public static final int REACHED_NO = 0, REACHED_YES = 1, REACHED_UNKNOWN = 2;

    /** The functions of verifysms.h. JNA copies a returned text and does not free it. */
    private interface C extends Library {
        C LIBRARY = Native.load(System.getenv().getOrDefault("VERIFYSMS_LIBRARY", "libverifysms.so.1"), C.class,
            Collections.singletonMap(OPTION_STRING_ENCODING, "UTF-8"));
        Pointer verifysms_config_new(String api_key);
        int verifysms_config_set_sender(Pointer config, String sender);
        int verifysms_config_set_message(Pointer config, String message);
        int verifysms_config_set_url(Pointer config, String url);
        int verifysms_config_set_timeout_ms(Pointer config, int ms);
        String verifysms_config_error(Pointer config);
        void verifysms_config_free(Pointer config);
        Pointer verifysms_client_new(Pointer config);
        void verifysms_client_free(Pointer client);
        Pointer verifysms_client_connect(Pointer client);
        Pointer verifysms_send(Pointer client, String to);
        Pointer verifysms_check(Pointer client, String to, String code);
        int verifysms_result_code(Pointer result);
        int verifysms_result_reached(Pointer result);
        int verifysms_result_reason(Pointer result);
        int verifysms_result_status(Pointer result);
        long verifysms_result_timestamp(Pointer result);
        String verifysms_result_to(Pointer result);
        String verifysms_result_unique(Pointer result);
        String verifysms_result_message(Pointer result);
        void verifysms_result_free(Pointer result);
        String verifysms_version();
    }

    /** A message that the service accepted. It verifies nobody. */
    public static final class Sent {
        public final String to, unique, message;
        public final long timestamp;
        private Sent(Pointer result) {
            to = C.LIBRARY.verifysms_result_to(result);
            unique = C.LIBRARY.verifysms_result_unique(result);
            message = C.LIBRARY.verifysms_result_message(result);
            timestamp = C.LIBRARY.verifysms_result_timestamp(result);
        }
    }

    /** The service's answer about a code. */
    public static final class Checked {
        public final String to, message;
        public final int status;
        private final int code;
        private Checked(Pointer result) {
            to = C.LIBRARY.verifysms_result_to(result);
            message = C.LIBRARY.verifysms_result_message(result);
            status = C.LIBRARY.verifysms_result_status(result);
            code = C.LIBRARY.verifysms_result_code(result);
        }
        public boolean isVerified() { return code == OK && status == 1; }
    }

    /** Why a call has no answer. Repeat it only if reached is REACHED_NO. */
    public static final class Failure extends Exception {
        private static final long serialVersionUID = 1;
        public final int code, reached, reason;
        private Failure(Pointer result) {
            this(C.LIBRARY.verifysms_result_message(result), C.LIBRARY.verifysms_result_code(result),
                C.LIBRARY.verifysms_result_reached(result), C.LIBRARY.verifysms_result_reason(result));
        }
        private Failure(String message, int code, int reached, int reason) {
            super(message);
            this.code = code;
            this.reached = reached;
            this.reason = reason;
        }
    }

    /** The settings of a client; null keeps the library's default. */
    public static final class Settings {
        private final String apiKey;
        private String sender, message, url;
        private Integer timeoutMs;

        private Settings(String apiKey) { this.apiKey = apiKey; }
        public Settings sender(String sender) { this.sender = sender; return this; }
        public Settings message(String message) { this.message = message; return this; }
        public Settings url(String url) { this.url = url; return this; }
        public Settings timeoutMs(Integer timeoutMs) { this.timeoutMs = timeoutMs; return this; }
        /** Makes the client, or throws a Failure that names the setting. */
        public Verifysms open() throws Failure { return new Verifysms(this); }
    }

    private final ReentrantReadWriteLock calls = new ReentrantReadWriteLock();
    private Pointer client;

    private Verifysms(Settings given) throws Failure {
        refuseBroken(given.apiKey, given.sender, given.message, given.url);
        Pointer config = C.LIBRARY.verifysms_config_new(given.apiKey);
        C.LIBRARY.verifysms_config_set_sender(config, given.sender);
        C.LIBRARY.verifysms_config_set_message(config, given.message);
        C.LIBRARY.verifysms_config_set_url(config, given.url);
        if (given.timeoutMs != null) { C.LIBRARY.verifysms_config_set_timeout_ms(config, given.timeoutMs); }
        client = C.LIBRARY.verifysms_client_new(config);
        String refusal = C.LIBRARY.verifysms_config_error(config);
        C.LIBRARY.verifysms_config_free(config);
        if (client == null) { throw new Failure(refusal, INVALID_ARGUMENT, REACHED_NO, 0); }
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
    public Sent send(String to) throws Failure {
        return call(() -> C.LIBRARY.verifysms_send(client, to), Sent::new, to);
    }

    /** Checks the code that a person typed: see isVerified(). A wrong code is no Failure. */
    public Checked check(String to, String typed) throws Failure {
        return call(() -> C.LIBRARY.verifysms_check(client, to, typed), Checked::new, to, typed);
    }

    /** Waits for the calls in flight, which need the client, then frees it. */
    @Override public void close() {
        calls.writeLock().lock();
        C.LIBRARY.verifysms_client_free(client);
        client = null;
        calls.writeLock().unlock();
    }

    /** The version of the loaded library. */
    public static String version() { return C.LIBRARY.verifysms_version(); }

    private <T> T call(Supplier<Pointer> made, Function<Pointer, T> read, String... texts) throws Failure {
        refuseBroken(texts);
        calls.readLock().lock();
        try {
            if (client == null) { throw new IllegalStateException("the client is closed"); }
            Pointer result = made.get();
            try {
                int code = C.LIBRARY.verifysms_result_code(result);
                if (code == OK || code == NOT_VERIFIED) { return read.apply(result); }
                throw new Failure(result);
            } finally { C.LIBRARY.verifysms_result_free(result); }
        } finally { calls.readLock().unlock(); }
    }

    /** C ends a text at a NUL, and Java encodes an unpaired surrogate as ?: both would send another text. */
    private static void refuseBroken(String... texts) throws Failure {
        for (String text : texts) {
            if (text != null && (text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text))) {
                throw new Failure("a text has a NUL or half a character in it", INVALID_ARGUMENT, REACHED_NO, 0);
            }
        }
    }
}
