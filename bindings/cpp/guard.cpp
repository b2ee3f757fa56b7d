// Limits: who asks, what is refused and for how long, and how an operator unlocks a person.
//
//     guard send NUMBER USER          sends a code that the person at the address USER asks for
//     guard check NUMBER USER CODE    checks what they typed; status 0 only if it is right
//     guard robot NUMBER USER         sends and guesses at once, as a robot does
//     guard show NUMBER               says how far the limits of the number are used
//     guard forget NUMBER             unlocks the person
//
// The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox. VERIFYSMS_GUARD names the store, like
// file:/run/acme/guard or redis://host: what one run counts the next one finds there.
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <string>
#include <verifysms.hpp>

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

static int tell(const verifysms::result &result)
{
    std::printf("%s: %s\n", verifysms::code_name(result.code()), result.message());
    const long long seconds = result.retry_after().count();
    if (result.code() == verifysms::code::limited) {
        std::printf("  %s: wait %lld s\n", verifysms::limit_name(result.limit()), seconds);
    } else if (seconds > 0) {
        std::printf("  the next may go in %lld s\n", seconds);
    }
    if (result.tries_left() >= 0) {
        std::printf("  %d tries are left\n", result.tries_left());
    }
    return static_cast<int>(result.code());
}

// Three sends and a guess, started together: one send goes out, and the guess counts.
static int robot(const verifysms::client &client, const verifysms::request &request)
{
    verifysms::queue queue(client);
    for (int i = 0; i < 3; ++i) {
        queue.send(nullptr, request);
    }
    queue.check(nullptr, request, "000000");
    verifysms::queue_result result;
    pollfd polled = {queue.descriptor(), POLLIN, 0};
    while (queue.count() > 0) {
        poll(&polled, 1, -1);
        while (queue.next(result)) {
            tell(result);
        }
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const std::string what = argc > 2 ? argv[1] : "";
    const char *store = std::getenv("VERIFYSMS_GUARD");
    auto log = [](verifysms::log_level level, const char *message) noexcept {
        if (level == verifysms::log_level::warning) { // for the operator
            std::fprintf(stderr, "guard: %s\n", message);
        }
    };
    verifysms::config config(std::getenv("VERIFYSMS_API_KEY"));
    config.sender("Acme")
        .url(std::getenv("VERIFYSMS_URL"))
        .log(log)
        .guard(store != nullptr ? store : "memory:")
        .guard_namespace("acme")
        .guard_secret(std::getenv("ACME_GUARD_SECRET")) // none: from the key
        .guard_timeout(milliseconds(250))
        .guard_failure(verifysms::guard_failure::local)
        .limit(verifysms::limit::sends_number, 5, minutes(10)) // the default
        .limit(verifysms::limit::sends_range, 20, hours(1));
    const verifysms::client client(config);
    if (!client) {
        std::fprintf(stderr, "guard: %s\n", config.error());
        return EXIT_FAILURE;
    }

    // What is wrong with a value, the calls say.
    verifysms::request request(argc > 2 ? argv[2] : nullptr);
    request.end_user(argc > 3 ? argv[3] : nullptr)
        .sender("Acme Shop")
        .message("Acme: ##code## is your code")
        .origin("acme.example")    // a browser fills the code in on this site
        .app_hash("FA+9qCX9VSu") // and so does this Android app
        .timeout(milliseconds(20000));

    if (argc == 4 && what == "send") {
        return tell(client.send(request));
    }
    if (argc == 5 && what == "check") {
        return tell(client.check(request, argv[4]));
    }
    if (argc == 4 && what == "robot") {
        return robot(client, request);
    }
    if (argc == 3 && what == "show") {
        return tell(client.guard_show(argv[2]));
    }
    if (argc == 3 && what == "forget") {
        const verifysms::guard_result forgotten = client.forget(argv[2]);
        std::printf("%s\n", forgotten.answered() ? "forgotten" : forgotten.message());
        return static_cast<int>(forgotten.code());
    }
    std::fprintf(stderr, "guard: send NUMBER USER, check NUMBER USER CODE, robot NUMBER USER, show or forget NUMBER\n");
    return EXIT_FAILURE;
}
