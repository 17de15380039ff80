#include "feeds/signature_gpg.h"

#include <errno.h>
#include <limits.h>

#include "base/child.h"
#include "base/file.h"
#include "feeds/signature.h"

#define STATUS 3 /* gpg's descriptor */
#define STATUS_MAX 65536

/* What it says for people goes nowhere: GPGME is asked, if need be. */
static int
run_gpg(const char *home, int in, int out, int status, bool *ended,
    struct fault *f)
{
	const char *argv[] = { "gpg", "--homedir", home, "--batch", "--no-tty",
		"--disable-dirmngr", "--pinentry-mode", "error",
		"--no-sk-comments", "--logger-file", "/dev/null", "--status-fd",
		"3", "--detach-sign", "--output", "-", "--", "-", NULL };
	const struct child_fd fds[] = { { status, STATUS } };
	const struct child_plan plan = { .argv = argv,
		.in = in,
		.out = out,
		.fds = fds,
		.fd_count = 1 };
	struct child_end end;

	*ended = false;
	if (child_run(&plan, &end, f) == 0)
		*ended = end.how == CHILD_EXITED && end.number == 0;
	else if (f->kind == FAULT_MEMORY)
		return -1;
	*f = (struct fault){ 0 };
	return 0;
}

/*
 * "[GNUPG:] SIG_CREATED D 22 10 00 1732464000 0123...": type, public-key and
 * hash algorithm (RFC 4880, 9.4: 8 to 10 are SHA-256 to 512), class, time,
 * fingerprint (GnuPG's doc/DETAILS).
 */
static int
is_by(const char *line, const char *key, bool *is, struct fault *f)
{
	OWNED_WORDS struct words w = WORDS_INIT;

	if (words_split(line, &w, f) == -1)
		return -1;
	*is = w.count == 8 && strcmp(w.word[2], "D") == 0 &&
	    (strcmp(w.word[4], "8") == 0 || strcmp(w.word[4], "9") == 0 ||
		strcmp(w.word[4], "10") == 0) &&
	    strcmp(w.word[7], key) == 0;
	return 0;
}

static int
check_status(char *status, const char *key, bool *good, struct fault *f)
{
	static const char created[] = "[GNUPG:] SIG_CREATED ";
	char *line;

	*good = false;
	while ((line = strsep(&status, "\n")) != NULL) {
		if (strncmp(line, created, strlen(created)) != 0)
			continue;
		if (*good) { /* two */
			*good = false;
			return 0;
		}
		if (is_by(line, key, good, f) == -1)
			return -1;
		if (!*good)
			return 0;
	}
	return 0;
}

int
signature_gpg_sign(const char *home, const char *key, int fd,
    struct buf *packets, bool *made, struct fault *f)
{
	OWNED_BUF struct buf status = BUF_INIT(STATUS_MAX);
	OWNED_FD int out = -1;
	OWNED_FD int told = -1;
	char path[PATH_MAX];

	*made = false;
	if (realpath(home, path) == NULL)
		return 0;
	if (lseek(fd, 0, SEEK_SET) == -1)
		return fault_system(f, errno, "cannot read what is signed");
	if (file_memory("signature", &out, f) == -1 ||
	    file_memory("status", &told, f) == -1 ||
	    run_gpg(path, fd, out, told, made, f) == -1)
		return -1;
	if (!*made)
		return 0;
	if (file_read_fd(told, &status, f) == -1 ||
	    check_status(status.data, key, made, f) == -1)
		return -1;
	return *made ? file_read_fd(out, packets, f) : 0;
}
