/*
 * Writes the seeds of the fuzz targets that read documents, from the samples of
 * the unit tests.  Usage: make_seeds tests/corpus
 */
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "feeds/atom.h"
#include "feeds/parcel.h"
#include "feeds/xml.h"
#include "tests/support/libdocuments.h"

struct seeds {
	int corpus;
	struct buf text; /* of a document */
	struct buf parcel;
};

static int
put(struct seeds *s, const char *folder, const char *name,
    const struct buf *bytes, struct fault *f)
{
	char path[100];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (file_make_folders(s->corpus, folder, 0755, f) == -1)
		return -1;
	return file_replace(s->corpus, path, bytes->data, bytes->len, 0644, f);
}

/* The document, and its parcel behind the byte that chooses it. */
static int
put_both(struct seeds *s, const char *folder, const char *name, char which,
    struct fault *f)
{
	OWNED_BUF struct buf chosen = BUF_INIT(BUF_ANY);

	if (put(s, folder, name, &s->text, f) == -1 ||
	    buf_add(&chosen, &which, 1, f) == -1 ||
	    buf_add(&chosen, s->parcel.data, s->parcel.len, f) == -1)
		return -1;
	buf_reset(&s->text);
	buf_reset(&s->parcel);
	return put(s, "parcel", name, &chosen, f);
}

static int
feeds(struct seeds *s, struct fault *f)
{
	OWNED_FEED struct feed feed;

	sample_feed(&feed);
	if (atom_write(&feed, &s->text, f) == -1 ||
	    parcel_put_feed(&s->parcel, &feed, f) == -1 ||
	    put_both(s, "atom", "update", 0, f) == -1)
		return -1;
	buf_reset(&feed.inside);
	feed.step.present = false;
	feed.snapshot.serial = feed.serial;
	feed.entry_snapshot = feed.snapshot;
	free(own_give(&feed.alternate));
	if (atom_write(&feed, &s->text, f) == -1 ||
	    parcel_put_feed(&s->parcel, &feed, f) == -1)
		return -1;
	return put_both(s, "atom", "first", 0, f);
}

static int
histories(struct seeds *s, struct fault *f)
{
	OWNED_HISTORY struct history h;

	sample_history(&h);
	while (h.row_count > 4)
		free(h.rows[--h.row_count].steps);
	if (history_write(&h, &s->text, f) == -1 ||
	    parcel_put_history(&s->parcel, &h, f) == -1)
		return -1;
	return put_both(s, "history", "rows", 1, f);
}

static int
networks(struct seeds *s, struct fault *f)
{
	OWNED_NETWORK struct network n;

	sample_network(&n);
	if (network_write(&n, &s->text, f) == -1 ||
	    parcel_put_network(&s->parcel, &n, f) == -1)
		return -1;
	return put_both(s, "network", "places", 2, f);
}

static int
manifests(struct seeds *s, bool step, struct fault *f)
{
	OWNED_MANIFEST struct manifest m;

	sample_manifest(&m, step);
	if (manifest_write(&m, &s->text, f) == -1 ||
	    parcel_put_manifest(&s->parcel, &m, f) == -1)
		return -1;
	return put_both(s, "manifest", step ? "step" : "snapshot", 3, f);
}

int
main(int argc, char *argv[])
{
	struct seeds s = { -1, BUF_INIT(BUF_ANY), BUF_INIT(BUF_ANY) };
	struct fault f = { 0 };
	int rc;

	xml_start();
	rc = argc != 2 || file_open_folder(AT_FDCWD, argv[1], &s.corpus, &f) ||
	    feeds(&s, &f) || histories(&s, &f) || networks(&s, &f) ||
	    manifests(&s, false, &f) || manifests(&s, true, &f);
	if (rc != 0)
		(void)fprintf(stderr, "make_seeds: %s\n",
		    argc == 2 ? f.text : "one argument, the folder");
	buf_clear(&s.text);
	buf_clear(&s.parcel);
	return rc;
}
