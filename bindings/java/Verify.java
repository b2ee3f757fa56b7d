import java.time.Instant;

/**
 * Verify NUMBER has a code texted, Verify NUMBER CODE checks it. The exit status is the library's
 * code: 0 only if sent, or verified. Reads VERIFYSMS_API_KEY, _SENDER and _URL.
 */
public final class Verify {
    private Verify() { }

    public static void main(String[] given) {
        System.out.printf("verifysms %s%n", Verifysms.version());
        System.exit(verify(given.length > 0 ? given[0] : null, given.length > 1 ? given[1] : null));
    }

    private static int verify(String number, String typed) {
        try (Verifysms client = Verifysms.configure(System.getenv("VERIFYSMS_API_KEY"))
                .sender(System.getenv("VERIFYSMS_SENDER")).url(System.getenv("VERIFYSMS_URL")).open()) {
            Verifysms.Answer answer = typed == null ? client.send(number) : client.check(number, typed);
            System.out.printf("code %d, reached %d: %s%n", answer.code, answer.reached, answer.message);
            if (typed == null) {
                System.out.printf("message %s at %s%n", answer.unique, Instant.ofEpochSecond(answer.timestamp));
            } else {
                System.out.println(answer.isVerified() ? "the number is theirs" : "let the person type again");
            }
            return answer.code;
        } catch (Verifysms.Failure failure) {
            System.out.printf("code %d, reached %d: %s%n", failure.code, failure.reached, failure.getMessage());
            if (failure.reached == Verifysms.REACHED_UNKNOWN) {
                System.out.println("it may have arrived: do not repeat it");
            }
            return failure.code;
        }
    }
}
