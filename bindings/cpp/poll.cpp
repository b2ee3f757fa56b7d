// Many calls at once in one thread, with poll(2).
//
//     poll NUMBER...           sends a code to each of the numbers
//
// The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox.
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <verifysms.hpp>

int main(int argc, char **argv)
{
    verifysms::config config(std::getenv("VERIFYSMS_API_KEY"));
    config.sender("Acme").url(std::getenv("VERIFYSMS_URL"));
    verifysms::client client(config);
    verifysms::queue queue(client);
    if (!queue) {
        std::fprintf(stderr, "no queue: %s\n", config.error());
        return EXIT_FAILURE;
    }
    for (int at = 1; at < argc; ++at) {
        queue.send(argv[at], argv[at]);
    }

    int failures = 0;
    verifysms::queue_result result;
    pollfd polled = {queue.descriptor(), POLLIN, 0};
    while (queue.count() > 0) {
        if (poll(&polled, 1, 20000) == 0) {
            std::printf("The program gives up on the first.\n");
            queue.cancel(argv[1]);
        }
        while (queue.next(result)) {
            std::printf("%s: %s\n", static_cast<const char *>(result.user_data()), result.message());
            failures += result.code() != verifysms::code::ok;
        }
    }
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
