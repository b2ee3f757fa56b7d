#include "callbacks.h"

#include "_cgo_export.h"

static _Thread_local uintptr_t current;

uintptr_t verifysms_go_enter(uintptr_t call)
{
    uintptr_t outer = current;
    current = call;
    return outer;
}

int verifysms_go_interrupt(void *user_data)
{
    (void)user_data;
    return verifysmsInterrupt(current);
}

void verifysms_go_log(void *user_data, int level, const char *message)
{
    (void)user_data;
    verifysmsLog(current, level, (char *)message);
}

void verifysms_go_event(void *user_data, int event, int code, int reached, int milliseconds, int attempt, int reused,
                        int limit)
{
    (void)user_data;
    verifysmsEvent(current, event, code, reached, milliseconds, attempt, reused, limit);
}
