/*
 * What a message costs, and what is wrong with it, before anything is sent.
 *
 *     message TEMPLATE [SENDER [HOST]]        status 0 if nothing is wrong
 */
#include <stdio.h>
#include <verifysms.h>

int main(int argc, char **argv)
{
    verifysms_message *message = verifysms_message_inspect(argc > 1 ? argv[1] : "##code##", argc > 2 ? argv[2] : NULL,
                                                           argc > 3 ? argv[3] : NULL);
    int encoding = verifysms_message_encoding(message);
    int count = verifysms_message_warning_count(message);
    int i;

    if (message == NULL) {
        puts("not UTF-8");
        return 1;
    }
    printf("%s: %d units, %d parts\n",
           encoding == VERIFYSMS_ENCODING_GSM7 ? "GSM-7" : encoding == VERIFYSMS_ENCODING_UCS2 ? "UCS-2" : "?",
           verifysms_message_length(message, 6), verifysms_message_parts(message, 6));
    for (i = 0; i < count; ++i) {
        /* A page without a browser's line is fine for this program. */
        if (verifysms_message_warning(message, i) != VERIFYSMS_WARNING_WEBOTP_MISSING) {
            printf("%d: %s\n", verifysms_message_warning_position(message, i),
                   verifysms_message_warning_text(message, i));
        }
    }
    verifysms_message_free(message);
    return count > 0;
}
