#include "fetch/given.h"

#include <string.h>

#include "feeds/signature.h"

int
given_urls(const struct words *arguments, size_t first, size_t end,
    struct words *urls, struct fault *f)
{
	size_t i;

	for (i = first; i < end; i++) {
		OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
		const char *url = arguments->word[i];
		size_t n = strlen(url);

		if (n > 10 && strcmp(url + n - 10, "/feed.atom") == 0)
			n -= 9;
		if (buf_add(&b, url, n, f) == -1 ||
		    (n > 0 && url[n - 1] != '/' &&
			buf_add_text(&b, "/", f) == -1) ||
		    words_add(urls, b.data, f) == -1)
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
