#include "fetch/given.h"

#include <string.h>
#include <sys/stat.h>

#include "base/section.h"
#include "feeds/signature.h"

/* A folder, such as that of a USB stick, which need not be a URL. */
static int
add_folder(const char *given, struct buf *url, bool *is, struct fault *f)
{
	OWNED_MEM char *path = NULL;
	struct stat st;

	*is = false;
	if (strstr(given, "://") != NULL)
		return 0;
	if (section_path(given, &path, f) == -1)
		return -1;
	*is = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	return *is ? buf_format(url, f, "file://%s", path) : 0;
}

static int
add_url(const char *given, struct buf *url, struct fault *f)
{
	static const char feed[] = "/feed.atom";
	size_t n = strlen(given), m = strlen(feed);
	bool is;

	if (add_folder(given, url, &is, f) == -1)
		return -1;
	if (n > m && strcmp(given + n - m, feed) == 0)
		n -= m;
	if (!is && buf_add(url, given, n, f) == -1)
		return -1;
	return url->len > 0 && url->data[url->len - 1] != '/' ?
	    buf_add_text(url, "/", f) :
	    0;
}

int
given_urls(const struct words *arguments, size_t first, size_t end,
    struct words *urls, struct fault *f)
{
	size_t i;

	for (i = first; i < end; i++) {
		OWNED_BUF struct buf url = BUF_INIT(BUF_ANY);

		if (add_url(arguments->word[i], &url, f) == -1 ||
		    words_add(urls, url.data, f) == -1)
			return -1;
	}
	return 0;
}

int
given_signers(const struct words *given, struct words *fingerprints,
    struct fault *f)
{
	char fingerprint[FINGERPRINT_TEXT];
	size_t i;

	if (given->count == 0)
		return fault_set(f, FAULT_CONFIG,
		    "option '--signer' is "
		    "missing: the fingerprint of the key that signs the feed, "
		    "which its publisher tells you by another way than the "
		    "web site");
	for (i = 0; i < given->count; i++) {
		if (fingerprint_parse(given->word[i], fingerprint, f) == -1) {
			f->kind = FAULT_CONFIG;
			return fault_within(f, "option '--signer'");
		}
		if (words_add(fingerprints, fingerprint, f) == -1)
			return -1;
	}
	return 0;
}
