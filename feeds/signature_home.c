/*
 * The home that signatures are checked in: files only, no library, so that a
 * program that does not check signatures can make it.
 */
#include "feeds/signature.h"

#include <fcntl.h>

#include "base/file.h"
#include "feeds/signature_engine.h"

#define CONFIG_NAME "gpg.conf"
#define KEYRING_NAME "pinned.gpg"

/*
 * A name without a slash is below the home, so that neither a long nor an
 * odd path, nor a move of the home, matters.  Nothing here is written to when
 * gpg checks, and no agent is started.
 */
static const char checking_config[] = "no-autostart\n"
				      "no-default-keyring\n"
				      "keyring " KEYRING_NAME "\n"
				      "trust-model always\n"
				      "lock-never\n"
				      "weak-digest SHA1\n"
				      "no-random-seed-file\n"
				      "ignore-time-conflict\n"
				      "no-auto-key-retrieve\n";

/* Replace a file of the home, unless it has these bytes already. */
static int
put_file(int home, const char *name, const void *bytes, size_t n,
    struct fault *f)
{
	OWNED_BUF struct buf old = BUF_INIT(n);
	struct fault unread = { 0 };
	bool have = false;

	if (file_read(home, name, &old, &have, &unread) == 0 && have &&
	    old.len == n && memcmp(old.data, bytes, n) == 0)
		return 0;
	return file_replace(home, name, bytes, n, 0600, f);
}

static int
make_home(const char *home, const struct buf *config, const void *keyring,
    size_t n, struct fault *f)
{
	OWNED_FD int fd = -1;

	if (file_make_folders(AT_FDCWD, home, 0700, f) == -1 ||
	    file_open_folder(AT_FDCWD, home, &fd, f) == -1 ||
	    put_file(fd, KEYRING_NAME, keyring, n, f) == -1 ||
	    put_file(fd, CONFIG_NAME, config->data, config->len, f) == -1)
		return fault_within(f, "OpenPGP home '%s'", home);
	return 0;
}

int
signature_home_write(const char *home, const char *more, const void *keyring,
    size_t n, struct fault *f)
{
	OWNED_BUF struct buf config = BUF_INIT(BUF_ANY);

	if (buf_add_text(&config, checking_config, f) == -1 ||
	    buf_add_text(&config, more, f) == -1)
		return -1;
	return make_home(home, &config, keyring, n, f);
}

int
signature_home_make(const char *home, const void *keyring, size_t n,
    struct fault *f)
{
	return signature_home_write(home, "", keyring, n, f);
}
