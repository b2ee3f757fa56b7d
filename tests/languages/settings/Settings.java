import verifysms.Verifysms;

/** Gives the library what is in SET_..., makes the call ASK with what is in SEND_..., prints what is known. */
public final class Settings {
    private static Verifysms client;

    private Settings() { }

    private static String text(String name) { return System.getenv(name); }

    private static boolean has(String name) { return text(name) != null; }

    private static Integer number(String name) { return has(name) ? Integer.valueOf(text(name)) : null; }

    private static Verifysms.Answer ask() throws Verifysms.Failure {
        String to = text("NUMBER"), endUser = text("SEND_END_USER");
        Integer timeoutMs = number("SEND_TIMEOUT_MS");
        switch (text("ASK")) {
            case "check": return client.check(to, text("SEND_CODE"), endUser, timeoutMs);
            case "show":
                System.out.println("message=" + client.guardShow(to));
                return null;
            case "delivery": return client.delivery(text("SEND_UNIQUE"));
            case "inspect":
                Verifysms.Inspection found = Verifysms.inspect(text("SEND_MESSAGE"), text("SEND_SENDER"), null, 6);
                System.out.println("encoding=" + found.encoding + "\nlength=" + found.length + "\nparts=" + found.parts);
                for (Verifysms.Warning warning : found.warnings) {
                    System.out.println("warning=" + warning.kind + " " + warning.position + " " + warning.text);
                }
                return null;
            case "phone":
                Verifysms.Phone phone = Verifysms.phone(to);
                System.out.println("to=" + phone.to + "\ne164=" + phone.e164 + "\nkind=" + phone.kind);
                System.out.println("rule=" + phone.rule + "\nrule_name=" + Verifysms.ruleName(phone.rule));
                return null;
            case "forget":
                client.forget(to);
                return null;
            default: return client.send(to, text("SEND_SENDER"), text("SEND_MESSAGE"), endUser, timeoutMs,
                text("SEND_ORIGIN"), text("SEND_APP_HASH"));
        }
    }

    private static boolean interrupted() {
        if (has("SET_CANCEL")) { client.cancel(); }
        return has("SET_INTERRUPT");
    }

    public static void main(String[] given) {
        Verifysms.Settings settings = Verifysms.configure(text("VERIFYSMS_API_KEY"))
            .sender(text("SET_SENDER")).message(text("SET_MESSAGE")).url(text("SET_URL"))
            .deliveryUrl(text("SET_DELIVERY_URL"))
            .timeoutMs(number("SET_TIMEOUT_MS")).connectTimeoutMs(number("SET_CONNECT_TIMEOUT_MS"))
            .proxy(has("SET_NO_PROXY") ? "" : text("SET_PROXY")).caFile(text("SET_CA_FILE"))
            .trust(number("SET_TRUST")).allowHttp(has("SET_ALLOW_HTTP"))
            .guard(text("SET_GUARD")).guardSecret(text("SET_GUARD_SECRET")).guardNamespace(text("SET_GUARD_NAMESPACE"))
            .guardTimeoutMs(number("SET_GUARD_TIMEOUT_MS")).guardFailure(number("SET_GUARD_FAILURE"));
        if (has("SET_NO_GUARD")) { settings.noGuard(); }
        if (has("SET_LIMIT")) {
            String[] limit = text("SET_LIMIT").split(" ");
            settings.limit(Integer.parseInt(limit[0]), Integer.parseInt(limit[1]), Integer.parseInt(limit[2]));
        }
        if (has("SET_LOG")) { settings.log((line, level) -> System.out.println("log " + level + " " + line)); }
        if (has("SET_EVENT")) {
            settings.event((event, code, reached, milliseconds, attempt, reused, limit) -> System.out.println("event " + Verifysms.eventName(event)
                + " " + code + " " + reached + " " + milliseconds + " " + attempt + " " + (reused ? 1 : 0) + " " + limit));
        }
        if (has("SET_INTERRUPT") || has("SET_CANCEL")) { settings.interrupt(Settings::interrupted); }
        try {
            client = settings.open();
            Verifysms.Answer answer = ask();
            boolean isWrong = answer instanceof Verifysms.Checked && !((Verifysms.Checked) answer).isVerified();
            tell(isWrong ? 2 : 0, 1, answer);
            if (answer instanceof Verifysms.Delivery) { tell((Verifysms.Delivery) answer); }
        } catch (Verifysms.Failure failure) {
            System.out.println("message=" + failure.getMessage());
            System.out.println("rule=" + failure.rule + "\nrule_name=" + Verifysms.ruleName(failure.rule));
            tell(failure.code, failure.reached, failure.answer);
        }
    }

    private static void tell(Verifysms.Delivery known) {
        System.out.println("delivery_state=" + known.state + "\ndelivery_next=" + known.next);
        System.out.println("delivery_code=" + known.deliveryCode + "\ndelivery_hebrew=" + known.hebrew);
        System.out.println("delivery_english=" + known.english + "\ndelivery_date=" + known.date);
        System.out.println("delivery_operator=" + known.operator);
    }

    private static void tell(int code, int reached, Verifysms.Answer known) {
        System.out.println("code=" + code + "\nreached=" + reached);
        if (known != null) {
            System.out.println("reason=" + known.reason + "\nstatus=" + known.status + "\nhttp_status=" + known.httpStatus);
            System.out.println("timestamp=" + known.timestamp + "\nunique=" + known.unique + "\nsender=" + known.sender);
            System.out.println("limit=" + known.limit + "\nretry_after=" + known.retryAfter + "\ntries_left=" + known.triesLeft);
            System.out.println("limit_name=" + Verifysms.limitName(known.limit));
            System.out.println("user_text_he=" + known.userTextHe + "\nuser_text_en=" + known.userTextEn);
            for (String language : new String[] {"he", "en"}) {
                System.out.println("wait_text_" + language + "=" + Verifysms.waitText(known.retryAfter, language));
            }
            System.out.println("to=" + known.to + "\nmessage=" + known.message);
        }
    }
}
