import java.io.File;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import verifysms.Verifysms;

/** How a program goes on when a function of it does to the library what HOW says. */
public final class Callbacks {
    private static Verifysms client;
    private static final CountDownLatch WAITS = new CountDownLatch(1);

    private Callbacks() { }

    /** How a check ended: with an answer, or what it threw. */
    private static String checked() {
        try {
            return client.check("0501234567", "000000").isVerified() ? "verified" : "not verified";
        } catch (IllegalStateException closed) {
            return "closed";
        } catch (Verifysms.Failure failure) {
            return failure.getMessage();
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void raise(Throwable thrown) throws E { throw (E) thrown; }

    private static int descriptors() { return new File("/proc/self/fd").list().length; }

    public static void main(String[] given) throws Exception {
        String[] way = given[0].split(" (in|of) ");
        Verifysms.Settings settings = Verifysms.configure(System.getenv("VERIFYSMS_API_KEY")).sender("Acme")
            .url(System.getenv("VERIFYSMS_URL")).noGuard();
        Runnable leaves = way[0].equals("close") ? () -> client.close() : () -> Callbacks.<RuntimeException>raise(new IOException());
        switch (way[way.length - 1]) {
            case "log": settings.log((line, level) -> leaves.run()); break;
            case "event": settings.event((event, code, reached, ms, attempt, reused, limit) -> leaves.run()); break;
            case "interrupt": settings.interrupt(() -> { leaves.run(); return true; }); break;
            default: settings.interrupt(() -> { WAITS.countDown(); return false; });
        }
        client = settings.open();
        if (given[0].equals("close elsewhere")) {
            Thread closes = new Thread(() -> {
                try { WAITS.await(); } catch (InterruptedException never) { throw new AssertionError(never); }
                client.cancel();
                client.close();
            });
            closes.start();
            System.out.println(checked());
            closes.join();
        } else {
            System.out.println(checked());
        }
        if (way[0].startsWith("close")) { System.out.println(checked()); }
        if (given[0].equals("close in log")) {
            int before = descriptors();
            for (int count = 0; count < 20; count++) {
                client = settings.open();
                checked();
            }
            System.out.println(descriptors() < before + 20 ? "freed" : "kept");
        }
        System.out.println("over");
    }
}
