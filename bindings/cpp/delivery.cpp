// What became of a message.
//
//     delivery UNIQUE         status 0 if the message was delivered
//
// The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox, VERIFYSMS_DELIVERY_URL elsewhere.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <thread>
#include <verifysms.hpp>

int main(int argc, char **argv)
{
    const char *unique = argc == 2 ? argv[1] : "";
    verifysms::config config(std::getenv("VERIFYSMS_API_KEY"));
    config.url(std::getenv("VERIFYSMS_URL")).delivery_url(std::getenv("VERIFYSMS_DELIVERY_URL"));
    verifysms::client client(config);

    verifysms::delivery_result delivery = client.delivery(unique);
    verifysms::delivery_state state = delivery.state();
    std::printf("%s: %s %s, %s, %s, code %d\n", delivery.message(), delivery.english(), delivery.hebrew(),
                delivery.date(), delivery.phone_operator(), delivery.delivery_code());
    if (delivery.next() == verifysms::next_step::wait) {
        std::this_thread::sleep_for(std::chrono::seconds(2));
        verifysms::queue queue(client);
        queue.delivery(nullptr, unique);
        pollfd descriptor = {queue.descriptor(), POLLIN, 0};
        verifysms::queue_result result;
        while (!queue.next(result)) {
            ::poll(&descriptor, 1, -1);
        }
        state = result.state();
        std::printf("%s\n", result.message());
    }
    return state == verifysms::delivery_state::delivered ? EXIT_SUCCESS : EXIT_FAILURE;
}
