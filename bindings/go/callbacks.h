/* The functions that the library calls back, which find the call of their thread. */
#ifndef VERIFYSMS_GO_CALLBACKS_H
#define VERIFYSMS_GO_CALLBACKS_H

#include <stdint.h>
#include <verifysms.h>

/* Makes a call the one of this thread, 0 none; the one that was, as a log function may make calls. */
uintptr_t verifysms_go_enter(uintptr_t call);
int verifysms_go_interrupt(void *user_data);
void verifysms_go_log(void *user_data, int level, const char *message);
void verifysms_go_event(void *user_data, int event, int code, int reached, int milliseconds, int attempt, int reused,
                        int limit);

#endif
