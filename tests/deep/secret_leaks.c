/*
 * Makes calls with secrets that it never holds in clear for longer than the call: whatever copy of one
 * is found in its memory, the library left there. What it is told on standard input, a line each:
 *
 *     config KEY              new settings
 *     set NAME [VALUE]        a setting
 *     client                  a client of these settings
 *     send NUMBER [SENDER MESSAGE]
 *     check NUMBER CODE
 *     free config | client | result
 *     rest                    print "resting", to be looked at, and read on
 *
 * All values are disguised: written in hexadecimal, each byte inverted. It prints
 *
 *     refused<TAB>SENTENCE
 *     log<TAB>LEVEL<TAB>RECORD
 *     result<TAB>CODE<TAB>REACHED<TAB>SENTENCE
 */
#include "host.h"

#include <sys/prctl.h>

#define WORDS_MOST 4
#define VALUE_LONGEST 512
/* A setting of this program: when the interrupt function was asked so often, it ends the call. */
#define PATIENCE "patience"

static char clear[WORDS_MOST][VALUE_LONGEST];
static int patience;

static verifysms_config *config;
static verifysms_client *client;
static verifysms_result *result;

static void record(void *unused, int level, const char *message)
{
    (void)unused;
    printf("log\t%d\t%s\n", level, message);
}

static int interrupt(void *unused)
{
    (void)unused;
    return patience > 0 && --patience == 0;
}

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Uncovers a value, in its place among the arguments of a call. */
static const char *value(int place, const char *disguised)
{
    size_t at;
    if (disguised == NULL) {
        return NULL;
    }
    for (at = 0; disguised[2 * at] != '\0' && at < VALUE_LONGEST - 1; at++) {
        clear[place][at] = (char)~(digit(disguised[2 * at]) << 4 | digit(disguised[2 * at + 1]));
    }
    clear[place][at] = '\0';
    return clear[place];
}

static void set(const char *name, const char *text)
{
    if (strcmp(name, PATIENCE) == 0) {
        patience = atoi(text);
    } else {
        CHECK(set_by_name(config, name, text));
    }
    if (strlen(verifysms_config_error(config)) > 0) {
        printf("refused\t%s\n", verifysms_config_error(config));
    }
}

static void make_client(void)
{
    verifysms_config_set_log(config, record, NULL);
    verifysms_config_set_interrupt(config, interrupt, NULL);
    client = verifysms_client_new(config);
    if (client == NULL) {
        printf("refused\t%s\n", verifysms_config_error(config));
    }
}

static void tell(void)
{
    printf("result\t%s\t%d\t%s\n", verifysms_code_name(verifysms_result_code(result)),
           verifysms_result_reached(result), verifysms_result_message(result));
}

static void let_go(const char *what)
{
    if (strcmp(what, "config") == 0) {
        verifysms_config_free(config);
    } else if (strcmp(what, "client") == 0) {
        verifysms_client_free(client);
    } else if (strcmp(what, "result") == 0) {
        verifysms_result_free(result);
    } else {
        CHECK(!"a known thing");
    }
}

static void obey(int count, char **words)
{
    if (strcmp(words[0], "config") == 0 && count == 2) {
        config = verifysms_config_new(value(0, words[1]));
    } else if (strcmp(words[0], "set") == 0 && count >= 2) {
        set(words[1], value(0, words[2] != NULL ? words[2] : ""));
    } else if (strcmp(words[0], "client") == 0) {
        make_client();
    } else if (strcmp(words[0], "send") == 0 && count >= 2) {
        result = verifysms_send_with(client, value(0, words[1]), value(1, words[2]), value(2, words[3]));
        tell();
    } else if (strcmp(words[0], "check") == 0 && count == 3) {
        result = verifysms_check(client, value(0, words[1]), value(1, words[2]));
        tell();
    } else if (strcmp(words[0], "free") == 0 && count == 2) {
        let_go(words[1]);
    } else {
        CHECK(!"a known command");
    }
}

int main(void)
{
    char line[WORDS_MOST * 2 * VALUE_LONGEST];

    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (fgets(line, (int)sizeof line, stdin) != NULL) {
        char *words[WORDS_MOST + 1] = {NULL};
        int count = 0;
        char *word = strtok(line, " \n");
        while (word != NULL && count < WORDS_MOST) {
            words[count++] = word;
            word = strtok(NULL, " \n");
        }
        if (count == 1 && strcmp(words[0], "rest") == 0) {
            printf("resting\n");
        } else {
            alarm(60);
            obey(count, words);
            alarm(0);
            explicit_bzero(clear, sizeof clear);
        }
    }
    return checked();
}
