import java.time.Instant;

/**
 * Verify send NUMBER has a code texted, Verify check NUMBER CODE checks it. The exit status is the
 * library's code: 0 only if sent, or verified. Reads VERIFYSMS_API_KEY, _SENDER and _URL.
 */
public final class Verify {
    private Verify() { }

    public static void main(String[] given) {
        boolean checks = given.length == 3 && given[0].equals("check");
        if (!checks && (given.length != 2 || !given[0].equals("send"))) {
            System.err.println("Verify send NUMBER, or Verify check NUMBER CODE");
            System.exit(Verifysms.INVALID_ARGUMENT);
        }
        System.out.printf("verifysms %s%n", Verifysms.version());
        System.exit(verify(checks, given[1], checks ? given[2] : null));
    }

    private static int verify(boolean checks, String number, String typed) {
        try (Verifysms client = Verifysms.configure(System.getenv("VERIFYSMS_API_KEY"))
                .sender(System.getenv("VERIFYSMS_SENDER")).url(System.getenv("VERIFYSMS_URL")).open()) {
            if (checks) {
                Verifysms.Checked checked = client.check(number, typed);
                int code = checked.isVerified() ? 0 : 2;
                System.out.printf("code %d, reached 1, number %s: %s%n", code, checked.to, checked.message);
                System.out.println(checked.isVerified() ? "the number is theirs" : "let the person type again");
                return code;
            }
            Verifysms.Sent sent = client.send(number);
            System.out.printf("code 0, reached 1, number %s: %s%n", sent.to, sent.message);
            System.out.printf("message %s at %s%n", sent.unique, Instant.ofEpochSecond(sent.timestamp));
            return 0;
        } catch (Verifysms.Failure failure) {
            System.out.printf("code %d, reached %d: %s%n", failure.code, failure.reached, failure.getMessage());
            if (failure.reached == Verifysms.REACHED_UNKNOWN) {
                System.out.println("it may have arrived: do not repeat it");
            }
            return failure.code;
        }
    }
}
