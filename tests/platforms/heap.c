/* How much of the heap a client takes that has an open connection. */
#include "host.h"

#include <malloc.h>

#if !__GLIBC_PREREQ(2, 33)
#define mallinfo2 mallinfo
#endif

int main(void)
{
    size_t before;
    verifysms_config *config;
    verifysms_client *client;
    /* The first settings of a process set the reserve aside. */
    verifysms_config_free(settings());
    before = mallinfo2().uordblks;
    config = settings();
    verifysms_config_set_message(config, "##code##");
    client = client_of(config);
    CHECK(ended(verifysms_send(client, NUMBER)) == VERIFYSMS_OK);
    printf("%lu bytes of heap\n", (unsigned long)(mallinfo2().uordblks - before));
    verifysms_client_free(client);
    return checked();
}
