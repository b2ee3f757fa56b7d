// Every setting, with a log, counters and a way to stop, from many threads.
//
//     settings NUMBER...      sends a code to every number, all at once; Enter stops it
//
// The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox, VERIFYSMS_CA names a file of
// certificate authorities. Link with -pthread.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>
#include <verifysms.hpp>

using std::chrono::milliseconds;
using std::chrono::seconds;

int main(int argc, char **argv)
{
    // They are not copied, so they must live as long as the client.
    auto log = [](verifysms::log_level level, const char *message) noexcept {
        const char *severity = level == verifysms::log_level::warning ? "warning"
            : level == verifysms::log_level::info                     ? "info"
                                                                      : "debug";
        std::fprintf(stderr, "%s: %s\n", severity, message);
    };
    std::atomic<int> sent(0), unknown(0);
    auto count = [&sent, &unknown](const verifysms::call_end &end) noexcept {
        sent += end.event == verifysms::event::sent ? 1 : 0;
        unknown += end.event == verifysms::event::unknown ? 1 : 0;
        std::fprintf(stderr, "%s (%s) after %d ms, attempt %d\n", verifysms::event_name(end.event),
            verifysms::code_name(end.code), static_cast<int>(end.elapsed.count()), end.attempt);
    };
    std::atomic<bool> over(false);
    auto is_over = [&over]() noexcept { return over.load(); };

    verifysms::config config(std::getenv("VERIFYSMS_API_KEY"));
    config.sender("Acme")
        .message("Acme: ##code## is your code")
        .url(std::getenv("VERIFYSMS_URL"))
        .timeout(seconds(20))
        .connect_timeout(milliseconds(5000))
        .proxy("") // no proxy, whatever the environment says
        .ca_file(std::getenv("VERIFYSMS_CA"))
        .trust(verifysms::trust::system)
        .allow_http(false)
        .log(log)
        .event(count)
        .interrupt(is_over);
    const verifysms::client client(config);
    if (!client) {
        std::fprintf(stderr, "settings: %s\n", config.error());
        return EXIT_FAILURE;
    }

    std::atomic<int> failures(0);
    std::vector<std::thread> threads;
    for (int i = 1; i < argc; i++) {
        const char *number = argv[i];
        threads.emplace_back([&client, &failures, number] {
            verifysms::send_result sent = client.send_with(number, "Acme Shop", nullptr);
            std::printf("%s\n", sent.message());
            failures += sent.accepted() ? 0 : 1;
        });
    }
    if (std::getchar() == '\n') {
        over = true;     // ends the calls at their next question,
        client.cancel(); // and this at once
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    std::printf("%d sent, of %d nobody can tell\n", sent.load(), unknown.load());
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
