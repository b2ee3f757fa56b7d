/* How much of the heap a client takes that has an open connection. */
#include "host.h"

#include <malloc.h>

int main(void)
{
    size_t before = mallinfo2().uordblks;
    verifysms_config *config = settings();
    verifysms_client *client;
    verifysms_config_set_message(config, "##code##");
    client = client_of(config);
    CHECK(ended(verifysms_send(client, NUMBER)) == VERIFYSMS_OK);
    printf("%lu bytes of heap\n", (unsigned long)(mallinfo2().uordblks - before));
    verifysms_client_free(client);
    return checked();
}
