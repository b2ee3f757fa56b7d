import verifysms.Verifysms;

/** Gives the library what is in SET_..., sends with what is in SEND_..., and prints all that is known of the call. */
public final class Settings {
    private static Verifysms client;

    private Settings() { }

    private static String text(String name) { return System.getenv(name); }

    private static boolean has(String name) { return text(name) != null; }

    private static Integer number(String name) { return has(name) ? Integer.valueOf(text(name)) : null; }

    private static boolean interrupted() {
        if (has("SET_CANCEL")) { client.cancel(); }
        return has("SET_INTERRUPT");
    }

    public static void main(String[] given) {
        Verifysms.Settings settings = Verifysms.configure(text("VERIFYSMS_API_KEY"))
            .sender(text("SET_SENDER")).message(text("SET_MESSAGE")).url(text("SET_URL"))
            .timeoutMs(number("SET_TIMEOUT_MS")).connectTimeoutMs(number("SET_CONNECT_TIMEOUT_MS"))
            .proxy(has("SET_NO_PROXY") ? "" : text("SET_PROXY")).caFile(text("SET_CA_FILE"))
            .trust(number("SET_TRUST")).allowHttp(has("SET_ALLOW_HTTP")).guard(text("SET_GUARD"))
            .guardSecret(text("SET_GUARD_SECRET")).guardNamespace(text("SET_GUARD_NAMESPACE"))
            .guardTimeoutMs(number("SET_GUARD_TIMEOUT_MS")).guardFailure(number("SET_GUARD_FAILURE"));
        if (has("SET_NO_GUARD")) { settings.noGuard(); }
        if (has("SET_LIMIT")) { settings.limit(Verifysms.LIMIT_SENDS_USER, number("SET_LIMIT"), 600); }
        if (has("SET_LOG")) { settings.log((line, level) -> System.out.println("log " + level + " " + line)); }
        if (has("SET_INTERRUPT") || has("SET_CANCEL")) { settings.interrupt(Settings::interrupted); }
        try {
            client = settings.open();
            if (!has("SET_NO_GUARD")) {
                System.out.println("guard " + client.guardShow(text("NUMBER")));
                client.forget(text("NUMBER"));
            }
            tell(0, 1, client.send(text("NUMBER"), text("SEND_SENDER"), text("SEND_MESSAGE"), text("SEND_END_USER")));
        } catch (Verifysms.Failure failure) {
            System.out.println("message=" + failure.getMessage());
            tell(failure.code, failure.reached, failure.answer);
        }
    }

    private static void tell(int code, int reached, Verifysms.Answer known) {
        System.out.println("code=" + code + "\nreached=" + reached);
        if (known != null) {
            System.out.println("reason=" + known.reason + "\nstatus=" + known.status + "\nhttp_status=" + known.httpStatus);
            System.out.println("limit=" + known.limit + "\nretry_after=" + known.retryAfter + "\ntries_left=" + known.triesLeft);
            System.out.println("timestamp=" + known.timestamp + "\nunique=" + known.unique + "\nsender=" + known.sender);
            System.out.println("to=" + known.to + "\nmessage=" + known.message);
        }
    }
}
