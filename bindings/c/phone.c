/*
 * Phone numbers without a client: the form to count by, the form for a database, and what to say about a
 * number that is none.
 *
 *     phone NUMBER...         prints a line for each number; status 0 if all are numbers
 */
#include <stdio.h>
#include <verifysms.h>

static const char *kind_name(int kind)
{
    switch (kind) {
    case VERIFYSMS_PHONE_MOBILE:
        return "a mobile phone";
    case VERIFYSMS_PHONE_LANDLINE:
        return "a landline: it may not get the message";
    case VERIFYSMS_PHONE_VOIP:
        return "a phone over the internet: it may not get the message";
    case VERIFYSMS_PHONE_KOSHER:
        return "a kosher phone: it gets no messages";
    case VERIFYSMS_PHONE_UNKNOWN:
    default:
        return "of an unknown kind";
    }
}

static const char *advice(int rule)
{
    switch (rule) {
    case VERIFYSMS_RULE_PHONE_TOO_SHORT:
    case VERIFYSMS_RULE_PHONE_TOO_LONG:
        return "count the digits";
    case VERIFYSMS_RULE_PHONE_FOREIGN:
        return "only Israeli numbers can be used here";
    default:
        return "write it like 050-123-4567";
    }
}

int main(int argc, char **argv)
{
    char local[VERIFYSMS_PHONE_SIZE];
    char e164[VERIFYSMS_PHONE_SIZE];
    int wrong = 0;
    int i;

    for (i = 1; i < argc; ++i) {
        int rule = verifysms_phone_normalize(argv[i], local, (int)sizeof local);
        if (rule == 0 && verifysms_phone_e164(argv[i], e164, (int)sizeof e164) == 0) {
            printf("%s %s: %s\n", local, e164, kind_name(verifysms_phone_kind(argv[i])));
        } else {
            printf("%s: %s\n", verifysms_rule_name(rule), advice(rule));
            wrong = 1;
        }
    }
    return wrong;
}
