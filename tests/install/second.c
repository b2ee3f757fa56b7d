/* A program with two libraries written in Rust, both linked statically. */
#include <stdio.h>
#include <verifysms.h>

int second_answer(void);

int main(void)
{
    verifysms_result *result = verifysms_send(NULL, "0501234567");
    int code = verifysms_result_code(result);
    verifysms_result_free(result);
    printf("%s %d\n", verifysms_code_name(code), second_answer());
    return 0;
}
