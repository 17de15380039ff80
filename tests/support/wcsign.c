/*
 * wcsign -- sign a document anew, to make feeds and trust documents that are
 * signed well and wrong otherwise (or the other way round):
 *
 *	wcsign HOME KEY[,KEY...] FILE	replace the signature line
 *	wcsign --add HOME KEY FILE	add a signature to those there
 *	wcsign --raw PACKETS FILE	replace it, unchecked, by a file's bytes
 *	wcsign --line TEXT FILE		the same by a text instead of base64
 *	wcsign --strip FILE		remove it
 *	wcsign --detached HOME KEY FILE	a detached signature to stdout
 *	wcsign --key HOME USER-ID	make a key; its fingerprint to stdout
 *
 * FILE may be anything, also no XML.  Files keep their time (see touch(1)).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/base64.h"
#include "base/file.h"
#include "feeds/seal.h"
#include "feeds/signature.h"

#define OPENING "<?openpgp-signature "

static int
read_file(const char *name, struct buf *b, struct fault *f)
{
	bool have;

	if (file_read(AT_FDCWD, name, b, &have, f) == -1)
		return -1;
	if (!have)
		return fault_set(f, FAULT_CONFIG, "there is no '%s'", name);
	return 0;
}

/* Overwrite, with the time that the file had. */
static int
write_file(const char *name, const struct buf *b, struct fault *f)
{
	struct stat st;
	struct timespec times[2];

	if (stat(name, &st) == -1)
		return fault_set(f, FAULT_CONFIG, "there is no '%s'", name);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	if (file_replace(AT_FDCWD, name, b->data, b->len, 0644, f) == -1)
		return -1;
	if (utimensat(AT_FDCWD, name, times, 0) == -1)
		return fault_system(f, errno, "'%s'", name);
	return 0;
}

/* Cut at the last signature line, whatever is in it or behind it. */
static void
strip(struct buf *document)
{
	const char *p, *last = NULL;
	size_t at = 0;

	while ((p = memmem(document->data + at, document->len - at, OPENING,
		    strlen(OPENING))) != NULL) {
		last = p;
		at = (size_t)(p - document->data) + 1;
	}
	if (last != NULL)
		buf_cut(document, (size_t)(last - document->data));
}

static int
add_line(struct buf *document, const void *text, size_t n, struct fault *f)
{
	if (buf_add_text(document, OPENING, f) == -1 ||
	    buf_add(document, text, n, f) == -1)
		return -1;
	return buf_add_text(document, "?>\n", f);
}

static int
sign_all(const char *home, const char *keys, struct buf *document,
    struct buf *packets, struct fault *f)
{
	OWNED_MEM char *copy = strdup(keys);
	char *rest = copy, *key;

	if (copy == NULL)
		return fault_memory(f);
	while ((key = strsep(&rest, ",")) != NULL)
		if (signature_sign(home, key, document->data, document->len,
			packets, f) == -1)
			return -1;
	return 0;
}

static int
sign(const char *home, const char *keys, const char *file, bool keep,
    struct fault *f)
{
	OWNED_BUF struct buf document = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf line = BUF_INIT(BUF_ANY);
	size_t signed_size;

	if (read_file(file, &document, f) == -1)
		return -1;
	if (keep &&
	    seal_split(document.data, document.len, &signed_size, &packets,
		f) == -1)
		return -1;
	strip(&document);
	if (sign_all(home, keys, &document, &packets, f) == -1 ||
	    base64_encode(packets.data, packets.len, &line, f) == -1 ||
	    add_line(&document, line.data, line.len, f) == -1)
		return -1;
	return write_file(file, &document, f);
}

static int
raw(const char *packets_file, const char *text, const char *file,
    struct fault *f)
{
	OWNED_BUF struct buf document = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf line = BUF_INIT(BUF_ANY);

	if (read_file(file, &document, f) == -1)
		return -1;
	strip(&document);
	if (packets_file != NULL &&
	    (read_file(packets_file, &packets, f) == -1 ||
		base64_encode(packets.data, packets.len, &line, f) == -1))
		return -1;
	if (text != NULL && buf_add_text(&line, text, f) == -1)
		return -1;
	if ((packets_file != NULL || text != NULL) &&
	    add_line(&document, line.data, line.len, f) == -1)
		return -1;
	return write_file(file, &document, f);
}

static int
detached(const char *home, const char *key, const char *file, struct fault *f)
{
	OWNED_BUF struct buf document = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf packets = BUF_INIT(BUF_ANY);

	if (read_file(file, &document, f) == -1 ||
	    signature_sign(home, key, document.data, document.len, &packets,
		f) == -1)
		return -1;
	return file_write(STDOUT_FILENO, packets.data, packets.len, f);
}

static int
make_key(const char *home, const char *user_id, struct fault *f)
{
	char fpr[FINGERPRINT_TEXT];

	if (signature_make_key(home, user_id, fpr, f) == -1)
		return -1;
	printf("%s\n", fpr);
	return 0;
}

static int
run(int argc, char *argv[], struct fault *f)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (signature_start(f) == -1)
		return -1;
	if (argc == 5 && strcmp(what, "--add") == 0)
		return sign(argv[2], argv[3], argv[4], true, f);
	if (argc == 5 && strcmp(what, "--detached") == 0)
		return detached(argv[2], argv[3], argv[4], f);
	if (argc == 4 && strcmp(what, "--raw") == 0)
		return raw(argv[2], NULL, argv[3], f);
	if (argc == 4 && strcmp(what, "--line") == 0)
		return raw(NULL, argv[2], argv[3], f);
	if (argc == 4 && strcmp(what, "--key") == 0)
		return make_key(argv[2], argv[3], f);
	if (argc == 3 && strcmp(what, "--strip") == 0)
		return raw(NULL, NULL, argv[2], f);
	if (argc == 4 && what[0] != '-')
		return sign(argv[1], argv[2], argv[3], false, f);
	return fault_set(f, FAULT_CONFIG, "wrong usage: see wcsign.c");
}

int
main(int argc, char *argv[])
{
	struct fault f = { 0 };

	if (run(argc, argv, &f) == 0)
		return 0;
	fprintf(stderr, "wcsign: %s\n", f.text);
	return 1;
}
