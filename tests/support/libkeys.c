#include "tests/support/libkeys.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/child.h"
#include "base/file.h"

#define ARGS_MAX 40

void
keys_open(struct keys *k)
{
	(void)snprintf(k->home, sizeof(k->home), "/tmp/wcXXXXXX");
	assert_non_null(mkdtemp(k->home));
}

void
keys_stop_agent(const char *home)
{
	const char *argv[] = { "gpgconf", "--homedir", home, "--kill", "all",
		NULL };
	struct child_plan plan = { .argv = argv, .seconds = 60 };
	struct child_end end;
	struct fault f = { 0 };

	if (child_run(&plan, &end, &f) == -1)
		print_message("%s\n", f.text);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	(void)remove(path);
	return 0;
}

void
keys_close(struct keys *k)
{
	keys_stop_agent(k->home);
	(void)nftw(k->home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A child with its input from bytes, and its output added to out. */
static int
run(const char *const *argv, const void *in, size_t n, struct buf *out)
{
	OWNED_FD int input = -1;
	OWNED_FD int output = -1;
	struct fault f = { 0 };
	struct child_end end;
	struct child_plan plan = { .argv = argv, .seconds = 120 };

	if (file_memory("input", &input, &f) == -1 ||
	    file_memory("output", &output, &f) == -1 ||
	    file_write(input, in, n, &f) == -1)
		fail_msg("%s", f.text);
	assert_int_equal(lseek(input, 0, SEEK_SET), 0);
	plan.in = input;
	plan.out = output;
	if (child_run(&plan, &end, &f) == -1)
		fail_msg("%s", f.text);
	if (out != NULL && file_read_fd(output, out, &f) == -1)
		fail_msg("%s", f.text);
	return end.how == CHILD_EXITED ? end.number : -1;
}

static int
gpg(const struct keys *k, const void *in, size_t n, struct buf *out, va_list ap)
{
	const char *argv[ARGS_MAX] = { "gpg", "--homedir", k->home, "--batch",
		"--quiet", "--no-tty", "--yes", "--trust-model", "always",
		"--pinentry-mode", "loopback", "--passphrase", "",
		"--command-fd", "0" };
	size_t i = 15;
	const char *arg;

	if (in == NULL)
		i -= 2;
	while ((arg = va_arg(ap, const char *)) != NULL) {
		assert_true(i + 1 < ARGS_MAX);
		argv[i++] = arg;
	}
	argv[i] = NULL;
	return run(argv, in != NULL ? in : "", n, out);
}

int
keys_gpg(const struct keys *k, const void *in, size_t n, struct buf *out, ...)
{
	va_list ap;
	int rc;

	va_start(ap, out);
	rc = gpg(k, in, n, out, ap);
	va_end(ap);
	return rc;
}

void
keys_fingerprint(const struct keys *k, const char *key,
    char fpr[FINGERPRINT_TEXT])
{
	OWNED_BUF struct buf list = BUF_INIT(BUF_ANY);
	const char *p, *line = NULL;

	assert_int_equal(keys_gpg(k, NULL, 0, &list, "--with-colons",
			     "--list-keys", key, NULL),
	    0);
	for (p = list.data; (p = strstr(p, "\nfpr:::::::::")) != NULL; p++)
		line = p + strlen("\nfpr:::::::::");
	assert_non_null(line);
	memcpy(fpr, line, FINGERPRINT_TEXT - 1);
	fpr[FINGERPRINT_TEXT - 1] = '\0';
}

void
keys_make(const struct keys *k, const char *name, const char *algorithm,
    const char *usage, const char *expires, const char *when,
    char fpr[FINGERPRINT_TEXT])
{
	char id[64], exact[80];

	(void)snprintf(id, sizeof(id), "%s <%s@example.org>", name, name);
	(void)snprintf(exact, sizeof(exact), "=%s", id);
	if (when == NULL)
		assert_int_equal(keys_gpg(k, NULL, 0, NULL, "--quick-gen-key",
				     id, algorithm, usage, expires, NULL),
		    0);
	else
		assert_int_equal(
		    keys_gpg(k, NULL, 0, NULL, "--faked-system-time", when,
			"--quick-gen-key", id, algorithm, usage, expires, NULL),
		    0);
	keys_fingerprint(k, exact, fpr);
}

void
keys_add_subkey(const struct keys *k, const char *primary,
    const char *algorithm, const char *usage, const char *expires,
    char fpr[FINGERPRINT_TEXT])
{
	assert_int_equal(keys_gpg(k, NULL, 0, NULL, "--quick-add-key", primary,
			     algorithm, usage, expires, NULL),
	    0);
	keys_fingerprint(k, primary, fpr);
}

void
keys_certificate(const struct keys *k, const char *fpr, struct buf *out)
{
	size_t before = out->len;

	assert_int_equal(keys_gpg(k, NULL, 0, out, "--export", fpr, NULL), 0);
	assert_true(out->len > before);
}

void
keys_sign(const struct keys *k, const char *key, const void *bytes, size_t n,
    struct buf *out, const char *option)
{
	OWNED_FD int file = -1;
	struct fault f = { 0 };
	char user[FINGERPRINT_TEXT + 1], name[64];
	size_t before = out->len;

	/* The "!" means this key or subkey and no other of the same owner. */
	(void)snprintf(user, sizeof(user), "%s!", key);
	(void)snprintf(name, sizeof(name), "%s/signed", k->home);
	if (file_replace(AT_FDCWD, name, bytes, n, 0600, &f) == -1)
		fail_msg("%s", f.text);
	assert_int_equal(keys_gpg(k, NULL, 0, out, "--local-user", user,
			     "--detach-sign", "--output", "-",
			     option != NULL ? option : "--no-armor", name,
			     NULL),
	    0);
	assert_true(out->len > before);
}

void
keys_revoke(const struct keys *k, const char *fpr)
{
	OWNED_BUF struct buf text = BUF_INIT(BUF_ANY);
	struct fault f = { 0 };
	char name[128], *armor;
	bool have;

	(void)snprintf(name, sizeof(name), "%s/openpgp-revocs.d/%s.rev",
	    k->home, fpr);
	assert_int_equal(file_read(AT_FDCWD, name, &text, &have, &f), 0);
	assert_true(have);
	/* gpg puts a colon in front, against accidents. */
	armor = strstr(text.data, ":-----BEGIN");
	assert_non_null(armor);
	(void)snprintf(name, sizeof(name), "%s/revocation", k->home);
	if (file_replace(AT_FDCWD, name, armor + 1, strlen(armor + 1), 0600,
		&f) == -1)
		fail_msg("%s", f.text);
	assert_int_equal(keys_gpg(k, NULL, 0, NULL, "--import", name, NULL), 0);
}

void
keys_edit(const struct keys *k, const char *fpr, const char *lines)
{
	/* With --batch it would not listen. */
	assert_int_equal(keys_gpg(k, lines, strlen(lines), NULL, "--no-batch",
			     "--expert", "--edit-key", fpr, NULL),
	    0);
}

bool
keys_agent_runs(const char *home)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;
	bool found = false;

	assert_non_null(proc);
	while ((d = readdir(proc)) != NULL) {
		OWNED_BUF struct buf line = BUF_INIT(BUF_ANY);
		struct fault f = { 0 };
		char name[300];
		bool have;

		if (!isdigit((unsigned char)d->d_name[0]))
			continue;
		(void)snprintf(name, sizeof(name), "/proc/%s/cmdline",
		    d->d_name);
		if (file_read(AT_FDCWD, name, &line, &have, &f) == 0 && have &&
		    memmem(line.data, line.len, "gpg-agent", 9) != NULL &&
		    memmem(line.data, line.len, home, strlen(home)) != NULL)
			found = true;
	}
	(void)closedir(proc);
	return found;
}
