/* Ends well if the library is of the same version as its header. */
#include <string.h>
#include <verifysms.h>

int main(void)
{
    return strcmp(verifysms_version(), VERIFYSMS_VERSION);
}
