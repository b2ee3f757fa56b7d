// Phone numbers without a client, and a refusal that a program can act on.
//
//     phone NUMBER...         prints a line for each number; status 0 if all are numbers
#include <cstdio>
#include <cstdlib>
#include <verifysms.hpp>

int main(int argc, char **argv)
{
    int status = EXIT_SUCCESS;
    for (int i = 1; i < argc; ++i) {
        verifysms::phone phone(argv[i]);
        if (phone) {
            const bool receives = phone.kind() == verifysms::phone_kind::mobile;
            std::printf("%s %s%s\n", phone.to(), phone.e164(), receives ? "" : ": it may not get the message");
        } else {
            std::printf("%s\n", verifysms::rule_name(phone.rule()));
            status = EXIT_FAILURE;
        }
    }
    return status;
}
