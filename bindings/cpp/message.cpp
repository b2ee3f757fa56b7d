// What a message costs, and what is wrong with it, before anything is sent.
//
//     message TEMPLATE [SENDER [HOST]]        status 0 if nothing is wrong
#include <cstdio>
#include <verifysms.hpp>

int main(int argc, char **argv)
{
    verifysms::message message(
        argc > 1 ? argv[1] : "##code##", argc > 2 ? argv[2] : nullptr, argc > 3 ? argv[3] : nullptr);
    const bool is_short = message.encoding() == verifysms::encoding::gsm7;
    std::printf("%s: %d units, %d parts\n", is_short ? "GSM-7" : "UCS-2", message.length(6), message.parts(6));
    for (int i = 0; i < message.warning_count(); ++i) {
        if (message.warning(i) != verifysms::warning::webotp_missing) {
            std::printf("%d: %s\n", message.warning_position(i), message.warning_text(i));
        }
    }
    return message.warning_count() > 0;
}
