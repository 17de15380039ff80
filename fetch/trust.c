#include "fetch/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/folder.h"

bool
trust_has_keys(const struct book_feed *feed)
{
	size_t i;

	for (i = 0; i < feed->signers.count; i++)
		if (feed->signers.list[i].key_count > 0)
			return true;
	return false;
}

static bool
same_pins(const struct signers *a, const struct signers *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->list[i].primary, b->list[i].primary) != 0)
			return false;
	return true;
}

int
trust_start(struct book *book, const struct follow_settings *follow,
    struct book_feed *feed, struct worker *worker, struct fault *f)
{
	OWNED_FD int fd = -1;
	bool have;

	if (!same_pins(&feed->signers, &follow->signers)) {
		feed->signers = follow->signers;
		buf_reset(&feed->keyring);
	}
	feed->signers.threshold = follow->signers.threshold;
	if (trust_has_keys(feed) || follow->certificate == NULL)
		return 0;
	if (file_open(AT_FDCWD, follow->certificate, &fd, &have, f) == -1)
		return -1;
	if (!have)
		return fault_set(f, FAULT_CONFIG,
		    "certificate '%s' is not "
		    "there",
		    follow->certificate);
	if (trust_add(book, feed, worker, fd, f) == -1)
		return fault_within(f, "certificate '%s'", follow->certificate);
	if (!trust_has_keys(feed))
		return fault_set(f, FAULT_CONFIG,
		    "certificate '%s' is not of a pinned signer",
		    follow->certificate);
	return 0;
}

int
trust_add(struct book *book, struct book_feed *feed, struct worker *worker,
    int key_asc, struct fault *f)
{
	OWNED_MEM char *scratch = NULL;
	struct fault ignored = { 0 };
	int rc;

	if (folder_scratch(book->folder, &scratch, f) == -1)
		return -1;
	rc = worker_certificates(worker, scratch, key_asc, &feed->signers,
	    &feed->keyring, f);
	(void)folder_remove(AT_FDCWD, scratch, &ignored);
	return rc;
}

int
trust_home(struct book *book, const char *state, const struct book_feed *feed,
    char **home, struct fault *f)
{
	OWNED_MEM char *path = NULL;

	if (file_make_folders(book->folder, "gnupg", 0700, f) == -1)
		return -1;
	if (asprintf(&path, "%s/gnupg/%lld", state, (long long)feed->row) ==
	    -1) {
		path = NULL;
		return fault_memory(f);
	}
	if (signature_home_make(path, feed->keyring.data, feed->keyring.len,
		f) == -1)
		return -1;
	*home = own_give(&path);
	return 0;
}
