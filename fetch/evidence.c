#include "fetch/evidence.h"

#include "base/file.h"

int
evidence_keep(struct book *book, const char *feed, int64_t serial,
    const struct buf *document, struct fault *f)
{
	OWNED_BUF struct buf name = BUF_INIT(BUF_ANY);
	char hex[DIGEST_TEXT];
	struct digest d;

	if (document->len == 0)
		return 0;
	digest_of(document->data, document->len, &d);
	digest_format(&d, hex);
	if (buf_format(&name, f, "evidence/%s-%lld-%s.atom", feed,
		(long long)serial, hex) == -1 ||
	    file_make_folders(book->folder, "evidence", 0700, f) == -1)
		return -1;
	return file_replace(book->folder, name.data, document->data,
	    document->len, 0600, f);
}
