#include "fetch/armor.h"

#include <string.h>

static const char first[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
static const char last[] = "-----END PGP PUBLIC KEY BLOCK-----";

static bool
is_line(const char *line, size_t n, const char *wanted)
{
	return n == strlen(wanted) && memcmp(line, wanted, n) == 0;
}

/* Also the line of the checksum, and the empty one below the first. */
static bool
is_base64(const char *line, size_t n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789+/=";
	size_t i;

	for (i = 0; i < n; i++)
		if (line[i] == '\0' || strchr(letters, line[i]) == NULL)
			return false;
	return true;
}

bool
armor_is_plain(const char *text, size_t n)
{
	bool inside = false;
	size_t blocks = 0;

	while (n > 0) {
		const char *end = memchr(text, '\n', n);
		size_t len = end != NULL ? (size_t)(end - text) : n;
		size_t used = end != NULL ? len + 1 : n;

		if (len > 0 && text[len - 1] == '\r')
			len--;
		if (is_line(text, len, inside ? last : first)) {
			blocks += inside;
			inside = !inside;
		} else if (!inside || !is_base64(text, len)) {
			return false;
		}
		text += used;
		n -= used;
	}
	return blocks > 0 && !inside;
}
