#include "verify/vouch.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/num.h"

int
vouch_start(struct vouch *v, struct fault *f)
{
	OWNED_FD int tmp = -1;
	const char *place = getenv("TMPDIR");

	v->now = time_now();
	v->signers = calloc(1, sizeof(*v->signers));
	if (v->signers == NULL)
		return fault_memory(f);
	if (signature_start(f) == -1 ||
	    file_open_folder(AT_FDCWD, place != NULL ? place : "/tmp", &tmp,
		f) == -1 ||
	    folder_scratch(tmp, &v->scratch, f) == -1)
		return -1;
	return file_open_folder(AT_FDCWD, v->scratch, &v->folder, f);
}

void
vouch_clear(struct vouch *v)
{
	struct fault ignored = { 0 };

	own_close_fd(&v->folder);
	if (v->scratch != NULL)
		(void)folder_remove(AT_FDCWD, v->scratch, &ignored);
	free(v->scratch);
	free(v->signers);
	buf_clear(&v->keys);
	*v = (struct vouch)VOUCH_INIT;
}

int
vouch_read_keys(struct vouch *v, int dirfd, const char *name, bool *have,
    struct fault *f)
{
	buf_reset(&v->keys);
	v->keys_name = name;
	return file_read(dirfd, name, &v->keys, have, f);
}

/* ---- a set of signers, with its certificates ---- */

static int
path_in(const struct vouch *v, const char *name, char **path, struct fault *f)
{
	if (asprintf(path, "%s/%s", v->scratch, name) != -1)
		return 0;
	*path = NULL;
	return fault_memory(f);
}

static int
make_home(const struct vouch *v, const struct buf *keys, struct fault *f)
{
	OWNED_BUF struct buf keyring = BUF_INIT(4 * KEY_MAX);
	OWNED_MEM char *work = NULL;
	OWNED_MEM char *home = NULL;

	if (path_in(v, "keys", &work, f) == -1 ||
	    path_in(v, "home", &home, f) == -1 ||
	    file_make_folders(v->folder, "keys", 0700, f) == -1)
		return -1;
	if (v->signers->count == 0 &&
	    signature_primaries(work, keys->data, keys->len, v->signers, f) ==
		-1)
		return -1;
	if (v->signers->count == 0)
		return fault_set(f, FAULT_UNSIGNED,
		    "there is no certificate in it");
	if (signature_certificates(work, keys->data, keys->len, NULL, 0,
		v->signers, &keyring, f) == -1)
		return -1;
	return signature_home_make(home, keyring.data, keyring.len, f);
}

/* signers NULL: whoever the certificates are of. */
static int
use(struct vouch *v, const struct signers *signers, const char *certificate,
    struct fault *f)
{
	OWNED_BUF struct buf own = BUF_INIT(KEY_MAX);
	bool is_own = certificate != NULL && !v->keys_named, have;
	const struct buf *keys = is_own ? &own : &v->keys;
	const char *name = is_own ? certificate : v->keys_name;

	if (is_own && file_read(AT_FDCWD, certificate, &own, &have, f) == -1)
		return -1;
	if (keys->len == 0)
		return fault_set(f, FAULT_UNSIGNED,
		    "'%s' has no certificate "
		    "to check the signature with (--certificate names another "
		    "file)",
		    name);
	if (signers != NULL)
		*v->signers = *signers;
	else
		*v->signers = (struct signers){ .count = 0, .threshold = 1 };
	if (make_home(v, keys, f) == 0)
		return 0;
	return fault_within(f, "certificates of '%s'", name);
}

/* ---- signatures ---- */

/* What is signed: bytes in memory, or a file. */
struct signed_thing {
	const char *bytes; /* NULL: the file */
	size_t n;
	int fd;
	const void *packets;
	size_t packets_size;
};

static int
check(const struct vouch *v, const struct signers *signers,
    const struct signed_thing *s, struct fault *f)
{
	OWNED_MEM char *home = NULL;
	struct signature_report report;
	bool refresh;

	if (path_in(v, "home", &home, f) == -1)
		return -1;
	if ((s->bytes != NULL ?
		    signature_check(home, signers, s->bytes, s->n, s->packets,
			s->packets_size, v->now, &report, f) :
		    signature_check_fd(home, signers, s->fd, s->packets,
			s->packets_size, v->now, &report, f)) == -1)
		return -1;
	return signature_judge(&report, signers, &refresh, f);
}

static bool
has_id(const struct signed_thing *s, const char *id)
{
	return s->bytes == NULL ||
	    memmem(s->bytes, s->n, id, strlen(id)) != NULL;
}

/* Pins that do not fit a file are another feed's; a document's must fit. */
static int
try_pins(struct vouch *v, const struct signed_thing *s, struct fault *f)
{
	size_t i;

	for (i = 0; i < v->pins->count && v->pin == NULL; i++) {
		const struct pin *pin = &v->pins->list[i];
		struct fault why = { 0 };

		if (!has_id(s, pin->id))
			continue;
		if (use(v, &pin->signers, pin->certificate, &why) == 0 &&
		    check(v, v->signers, s, &why) == 0) {
			v->pin = pin;
		} else if (s->bytes != NULL || why.kind != FAULT_UNSIGNED) {
			*f = why;
			return fault_within(f, "[follow %s]", pin->name);
		}
	}
	return 0;
}

static int
choose(struct vouch *v, const struct signed_thing *s, struct fault *f)
{
	v->pin = NULL;
	v->vouched = true;
	if (v->given != NULL && v->given->count > 0) {
		if (use(v, v->given, NULL, f) == -1)
			return -1;
		return check(v, v->signers, s, f);
	}
	if (try_pins(v, s, f) == -1)
		return -1;
	if (v->pin != NULL)
		return 0;
	v->vouched = false;
	if (use(v, NULL, NULL, f) == -1)
		return -1;
	return check(v, v->signers, s, f);
}

int
vouch_document(struct vouch *v, const char *bytes, size_t n,
    const void *packets, size_t packets_size, struct fault *f)
{
	const struct signed_thing s = { .bytes = bytes,
		.n = n,
		.packets = packets,
		.packets_size = packets_size };

	return choose(v, &s, f);
}

int
vouch_file(struct vouch *v, int fd, const void *packets, size_t packets_size,
    struct fault *f)
{
	const struct signed_thing s = { .fd = fd,
		.packets = packets,
		.packets_size = packets_size };

	return choose(v, &s, f);
}

void
vouch_confirm(struct vouch *v, const char *id)
{
	if (v->pin == NULL || strcmp(v->pin->id, id) == 0)
		return;
	v->pin = NULL;
	v->vouched = false;
}

int
vouch_check_fd(const struct vouch *v, int fd, const void *packets,
    size_t packets_size, struct fault *f)
{
	const struct signed_thing s = { .fd = fd,
		.packets = packets,
		.packets_size = packets_size };
	OWNED_MEM struct signers *one = malloc(sizeof(*one));

	if (one == NULL)
		return fault_memory(f);
	/* It proves origin: the threshold is for the feed that names it. */
	*one = *v->signers;
	one->threshold = 1;
	return check(v, one, &s, f);
}
