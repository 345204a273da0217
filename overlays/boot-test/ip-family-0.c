/*
 * Preloaded before libqmi in the boot test "broken-libqmi". The image's qmicli and libqmi then send IP family preference
 * 0 with every "start network", as libqmi 1.16.2 does (fixed in 1.17.900, commit 4c678418). It includes no header and
 * links with no library, so that it loads on any release: dlsym is in libdl or in libc.
 */
extern void *dlsym(void *handle, const char *name);

#define RTLD_NEXT ((void *) -1L)

typedef int (*set_ip_family)(void *input, int family, void **error);
typedef void (*start_network)(void *self, void *input, unsigned timeout, void *cancellable, void *callback, void *data);

void qmi_client_wds_start_network(void *self, void *input, unsigned timeout, void *cancellable, void *callback, void *data)
{
	set_ip_family set = (set_ip_family) dlsym(RTLD_NEXT, "qmi_message_wds_start_network_input_set_ip_family_preference");
	start_network start = (start_network) dlsym(RTLD_NEXT, "qmi_client_wds_start_network");

	set(input, 0, (void **) 0);
	start(self, input, timeout, cancellable, callback, data);
}
