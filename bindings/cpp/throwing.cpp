// Exceptions: a call without an answer throws; a wrong code is an answer.
//
//     throwing send NUMBER          sends a code to the number
//     throwing check NUMBER CODE    says whether that is the code; status 0 only if it is
//
// The key is in VERIFYSMS_API_KEY; VERIFYSMS_URL may lead to a sandbox.
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>
#include <verifysms.hpp>

static bool run(const std::vector<std::string> &arguments)
{
    verifysms::config config(std::getenv("VERIFYSMS_API_KEY"));
    config.sender("Acme").url(std::getenv("VERIFYSMS_URL"));
    verifysms::throwing_client client(config);
    if (arguments.at(0) == "check") {
        bool verified = client.check(arguments.at(1), arguments.at(2)).verified();
        std::cout << (verified ? "verified" : "not verified") << '\n';
        return verified;
    }
    if (arguments.at(0) != "send") {
        throw std::invalid_argument("send NUMBER, or check NUMBER CODE");
    }
    // A sign-up page does this when it opens, so that the send finds a connection.
    if (!client.connect().connected()) {
        std::cerr << "no connection yet\n";
    }
    const std::string text = "Acme: ##code## is your code";
    verifysms::send_result sent = client.send_with(arguments.at(1), nullptr, text);
    std::cout << "sent to " << sent.to() << ", message " << sent.unique() << '\n';
    return true;
}

int main(int argc, char **argv)
{
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc)) ? EXIT_SUCCESS : EXIT_FAILURE;
    } catch (const verifysms::error &error) {
        std::cerr << verifysms::code_name(error.code()) << ": " << error.what() << '\n';
        if (error.code() == verifysms::code::limited) {
            std::cerr << verifysms::limit_name(error.limit()) << ": wait " << error.retry_after().count() << " s.\n";
        } else if (error.reached() == verifysms::reached::no) {
            std::cerr << "Nobody has read it: try again.\n";
        } else if (error.code() == verifysms::code::rejected) {
            std::cerr << "The service's reason: " << static_cast<int>(error.reason()) << '\n';
        } else {
            std::cerr << "It may have arrived (HTTP " << error.http_status() << ").\n";
        }
    } catch (const std::exception &error) {
        std::cerr << "throwing: " << error.what() << '\n';
    }
    return EXIT_FAILURE;
}
