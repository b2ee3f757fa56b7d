// Results, no exceptions: compiles with -fno-exceptions -fno-rtti.
//
//     verify send NUMBER          sends a code to the number
//     verify check NUMBER CODE    says whether that is the code; status 0 only if it is
//     verify connect              opens a connection, as a program does when its sign-up page opens
//
// The key is in VERIFYSMS_API_KEY; VERIFYSMS_SENDER is the sender, VERIFYSMS_URL may lead to a sandbox.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <verifysms.hpp>

static int check(const verifysms::client &client, const char *number, const char *typed)
{
    verifysms::check_result checked = client.check(number, typed);
    if (checked) { // the only way to read "verified"
        std::printf("%s is theirs\n", checked.to());
        return EXIT_SUCCESS;
    }
    if (checked.code() == verifysms::code::not_verified) {
        std::printf("not verified (status %d)\n", checked.status());
    } else {
        std::printf("no answer: %s\n", checked.message());
    }
    return EXIT_FAILURE;
}

static int connect(const verifysms::client &client)
{
    verifysms::connect_result opened = client.connect();
    std::printf("%s\n", opened.message());
    return opened.connected() ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int send(const verifysms::client &client, const char *number)
{
    verifysms::send_result sent = client.send(number);
    if (sent.accepted()) {
        std::printf("sent to %s as %s, message %s, at %lld\n", sent.to(), sent.sender(), sent.unique(),
                    static_cast<long long>(sent.timestamp().time_since_epoch().count()));
        std::printf("%s\n", verifysms::wait_text(std::chrono::seconds(30), std::getenv("LANGUAGE")).c_str());
        return EXIT_SUCCESS;
    }
    std::printf("%s: %s\n", verifysms::code_name(sent.code()), sent.message());
    // What a page shows to the person.
    std::printf("%s\n", sent.user_text(std::getenv("LANGUAGE")));
    switch (sent.reached()) {
    case verifysms::reached::no:
        std::printf("nobody has read it: try again in %d s\n", static_cast<int>(sent.retry_after().count()));
        break;
    case verifysms::reached::unknown:
        std::printf("it may be on its way (HTTP %d): ask the person\n", sent.http_status());
        break;
    case verifysms::reached::yes:
        if (sent.reason() == verifysms::reason::wrong_api_key) {
            std::printf("%s: look at the key\n", verifysms::reason_text(sent.reason()));
        }
        break;
    }
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    verifysms::config config = verifysms::config::from_env();
    if (std::getenv("VERIFYSMS_SENDER") == nullptr) {
        config.sender("Acme");
    }
    verifysms::client client(config);
    if (!client) {
        std::fprintf(stderr, "verify: %s\n", config.error());
        return EXIT_FAILURE;
    }
    if (argc == 4 && std::strcmp(argv[1], "check") == 0) {
        return check(client, argv[2], argv[3]);
    }
    if (argc == 3 && std::strcmp(argv[1], "send") == 0) {
        return send(client, argv[2]);
    }
    if (argc == 2 && std::strcmp(argv[1], "connect") == 0) {
        return connect(client);
    }
    std::fprintf(stderr, "verify: send NUMBER, check NUMBER CODE, or connect (verifysms %s)\n", verifysms::version());
    return EXIT_FAILURE;
}
