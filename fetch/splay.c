#include "fetch/splay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"

#define HOST_MAX 256

int64_t
splay_seconds(const char *place, uint64_t lot, int64_t most)
{
	uint64_t drawn = (uint64_t)most / 4, fixed = (uint64_t)most - drawn;
	struct digest_run run;
	struct digest d;
	uint64_t n = 0;
	size_t i;

	digest_start(&run);
	digest_more(&run, place, strlen(place));
	digest_end(&run, &d);
	for (i = 0; i < sizeof(n); i++)
		n = n << 8 | d.bytes[i];
	return (int64_t)(n % (fixed + 1) + lot % (drawn + 1));
}

/*
 * Copies of a machine may have one id, or none; a host may have many users'
 * state folders.
 */
static int
name_place(const char *state, struct buf *out, struct fault *f)
{
	char host[HOST_MAX] = "";
	struct fault ignored = { 0 };
	bool have;

	if (gethostname(host, sizeof(host) - 1) == -1)
		host[0] = '\0';
	if (file_read(AT_FDCWD, "/etc/machine-id", out, &have, &ignored) == -1)
		buf_reset(out);
	return buf_format(out, f, "\n%s\n%s", host, state);
}

int
splay_wait(const char *state, int64_t most, struct fault *f)
{
	OWNED_BUF struct buf place = BUF_INIT(BUF_ANY);
	struct timespec left = { .tv_sec = 0 };
	uint64_t lot;

	if (most == 0 || isatty(STDIN_FILENO) == 1 ||
	    isatty(STDERR_FILENO) == 1)
		return 0;
	if (name_place(state, &place, f) == -1)
		return -1;
	if (getrandom(&lot, sizeof(lot), 0) != (ssize_t)sizeof(lot))
		return fault_system(f, errno, "no random numbers");
	left.tv_sec = (time_t)splay_seconds(place.data, lot, most);
	log_detail("waiting %lld seconds", (long long)left.tv_sec);
	while (nanosleep(&left, &left) == -1)
		continue;
	return 0;
}
