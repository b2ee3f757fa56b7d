import java.time.Instant;
import java.util.Arrays;
import verifysms.Verifysms;

/**
 * Verify send NUMBER sends a code, Verify check NUMBER CODE checks it, Verify connect only opens a
 * connection. The exit status is the library's code: 0 only if connected, sent, or verified. Reads
 * VERIFYSMS_API_KEY, _SENDER, _URL and _GUARD: file:/path keeps the counts from one run to the next.
 */
public final class Verify {
    private Verify() { }

    public static void main(String[] given) {
        if (!Arrays.asList("connect 1", "send 2", "check 3").contains((given.length > 0 ? given[0] : "") + " " + given.length)) {
            System.err.println("Verify send NUMBER, Verify check NUMBER CODE, or Verify connect");
            System.exit(Verifysms.INVALID_ARGUMENT);
        }
        System.out.printf("verifysms %s%n", Verifysms.version());
        System.exit(verify(given));
    }

    private static int verify(String[] given) {
        try (Verifysms client = Verifysms.configure(System.getenv("VERIFYSMS_API_KEY"))
                .sender(System.getenv("VERIFYSMS_SENDER")).url(System.getenv("VERIFYSMS_URL"))
                .guard(System.getenv("VERIFYSMS_GUARD")).open()) {
            if (given[0].equals("connect")) {
                client.connect();
                System.out.println("code 0, reached 0: connected");
                return 0;
            }
            if (given[0].equals("check")) {
                Verifysms.Checked checked = client.check(given[1], given[2]);
                int code = checked.isVerified() ? 0 : 2;
                System.out.printf("code %d, reached 1, number %s: %s%n", code, checked.to, checked.message);
                System.out.println(checked.isVerified() ? "the number is theirs" : "let the person type again");
                return code;
            }
            Verifysms.Sent sent = client.send(given[1]);
            System.out.printf("code 0, reached 1, number %s: %s%n", sent.to, sent.message);
            System.out.printf("message %s at %s%n", sent.unique, Instant.ofEpochSecond(sent.timestamp));
            return 0;
        } catch (Verifysms.Failure failure) {
            System.out.printf("code %d, reached %d: %s%n", failure.code, failure.reached, failure.getMessage());
            if (failure.code == Verifysms.LIMITED) {
                System.out.printf("wait %d s%n", failure.retryAfter);
            }
            if (failure.reached == Verifysms.REACHED_UNKNOWN) {
                System.out.println("it may have arrived: do not repeat it");
            }
            return failure.code;
        }
    }
}
