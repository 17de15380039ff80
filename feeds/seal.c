#include "feeds/seal.h"

#include <stdbool.h>
#include <strings.h>

#include "base/base64.h"
#include "items/limits.h"

#define TAG_SIGNATURE 2
#define SIGNATURE_VERSION_MIN 4
#define TYPE_BINARY_DOCUMENT 0x00

static const char opening[] = "<?openpgp-signature ";
static const char closing[] = "?>\n";
#define OPENING_SIZE (sizeof(opening) - 1)
#define CLOSING_SIZE (sizeof(closing) - 1)

/*
 * The number of base64 characters of SIGNATURE_MAX bytes: more cannot fit, and
 * is refused before it is decoded.
 */
#define TEXT_MAX ((size_t)(SIGNATURE_MAX + 2) / 3 * 4)

/* A big-endian number of `size` bytes at p, of which n are there. */
static int
length_field(const uint8_t *p, size_t n, size_t size, size_t *length,
    struct fault *f)
{
	size_t i, sum = 0;

	if (size > n)
		return fault_set(f, FAULT_FORMAT, "packet is cut off");
	for (i = 0; i < size; i++)
		sum = sum << 8 | p[i];
	*length = sum;
	return 0;
}

/* Header of the old format (RFC 4880 section 4.2.1), n bytes behind it. */
static int
old_header(uint8_t first, const uint8_t *p, size_t n, size_t *size,
    size_t *length, struct fault *f)
{
	if ((first & 3) == 3)
		return fault_set(f, FAULT_FORMAT,
		    "packet has no definite length");
	*size = (size_t)1 << (first & 3);
	return length_field(p, n, *size, length, f);
}

/* The same of the new format (section 4.2.2). */
static int
new_header(const uint8_t *p, size_t n, size_t *size, size_t *length,
    struct fault *f)
{
	if (n == 0)
		return fault_set(f, FAULT_FORMAT, "packet is cut off");
	if (p[0] < 192) {
		*size = 1;
		*length = p[0];
		return 0;
	}
	if (p[0] < 224) {
		*size = 2;
		if (n < 2)
			return fault_set(f, FAULT_FORMAT, "packet is cut off");
		*length = ((size_t)(p[0] - 192) << 8) + p[1] + 192;
		return 0;
	}
	if (p[0] < 255)
		return fault_set(f, FAULT_FORMAT,
		    "packet has no definite length");
	*size = 5;
	return length_field(p + 1, n - 1, 4, length, f);
}

/* Judge the packet that p begins with; *taken is its whole size. */
static int
check_packet(const uint8_t *p, size_t n, size_t *taken, struct fault *f)
{
	size_t size = 0, length = 0;
	unsigned tag;
	int rc;

	if ((p[0] & 0x80) == 0)
		return fault_set(f, FAULT_FORMAT, "not an OpenPGP packet");
	if ((p[0] & 0x40) != 0) {
		tag = p[0] & 0x3f;
		rc = new_header(p + 1, n - 1, &size, &length, f);
	} else {
		tag = (p[0] >> 2) & 0x0f;
		rc = old_header(p[0], p + 1, n - 1, &size, &length, f);
	}
	if (rc == -1)
		return -1;
	if (tag != TAG_SIGNATURE)
		return fault_set(f, FAULT_FORMAT,
		    "packet of tag %u is not a signature", tag);
	size++;
	if (length > n - size)
		return fault_set(f, FAULT_FORMAT, "packet is cut off");
	if (length < 2 || p[size] < SIGNATURE_VERSION_MIN)
		return fault_set(f, FAULT_FORMAT,
		    "signature is older than version %d",
		    SIGNATURE_VERSION_MIN);
	if (p[size + 1] != TYPE_BINARY_DOCUMENT)
		return fault_set(f, FAULT_FORMAT,
		    "signature of type 0x%02x is not one over a binary "
		    "document",
		    p[size + 1]);
	*taken = size + length;
	return 0;
}

int
seal_check_packets(const void *packets, size_t n, size_t *count,
    struct fault *f)
{
	const uint8_t *p = packets;
	size_t at = 0, seen = 0, taken = 0;

	if (n > SIGNATURE_MAX)
		return fault_set(f, FAULT_LIMIT,
		    "signature is larger than %d KiB",
		    (int)(SIGNATURE_MAX / KIB));
	while (at < n) {
		if (seen == SIGNATURE_COUNT_MAX)
			return fault_set(f, FAULT_LIMIT,
			    "there are more than %d signatures",
			    SIGNATURE_COUNT_MAX);
		if (check_packet(p + at, n - at, &taken, f) == -1)
			return fault_within(f, "signature %zu", seen + 1);
		at += taken;
		seen++;
	}
	if (seen == 0)
		return fault_set(f, FAULT_FORMAT, "there is no signature");
	*count = seen;
	return 0;
}

/* A captive portal or an error page is what people really meet. */
static bool
looks_like_html(const char *document, size_t n)
{
	static const char *const marks[] = { "<!doctype html", "<html" };
	size_t i, k, end = n < 1024 ? n : 1024;

	for (i = 0; i < end; i++)
		for (k = 0; k < 2; k++)
			if (n - i >= strlen(marks[k]) &&
			    strncasecmp(document + i, marks[k],
				strlen(marks[k])) == 0)
				return true;
	return false;
}

static int
no_line(const char *document, size_t n, struct fault *f)
{
	if (looks_like_html(document, n))
		return fault_set(f, FAULT_UNSIGNED,
		    "this is a web page, not a signed document");
	return fault_set(f, FAULT_UNSIGNED, "there is no signature line");
}

int
seal_split(const char *document, size_t n, size_t *signed_size,
    struct buf *packets, struct fault *f)
{
	OWNED_BUF struct buf decoded = BUF_INIT(BUF_ANY);
	const char *line, *text;
	size_t behind, size, count;

	line = memmem(document, n, opening, OPENING_SIZE);
	if (line == NULL)
		return no_line(document, n, f);
	text = line + OPENING_SIZE;
	behind = n - (size_t)(text - document);
	if (memmem(text, behind, opening, OPENING_SIZE) != NULL)
		return fault_set(f, FAULT_FORMAT,
		    "there is more than one signature line");
	if (line == document || line[-1] != '\n')
		return fault_set(f, FAULT_FORMAT,
		    "the signature is not a line of its own behind a document");
	if (behind < CLOSING_SIZE ||
	    memcmp(document + n - CLOSING_SIZE, closing, CLOSING_SIZE) != 0)
		return fault_set(f, FAULT_FORMAT,
		    "the document does not end with its signature line");
	size = behind - CLOSING_SIZE;
	if (size > TEXT_MAX)
		return fault_set(f, FAULT_LIMIT,
		    "signature is larger than %d KiB",
		    (int)(SIGNATURE_MAX / KIB));
	if (base64_decode(text, size, &decoded, f) == -1 ||
	    seal_check_packets(decoded.data, decoded.len, &count, f) == -1)
		return fault_within(f, "signature line");
	if (buf_add(packets, decoded.data, decoded.len, f) == -1)
		return -1;
	*signed_size = (size_t)(line - document);
	return 0;
}

int
seal_add(struct buf *document, const void *packets, size_t n, struct fault *f)
{
	OWNED_BUF struct buf line =
	    BUF_INIT(TEXT_MAX + OPENING_SIZE + CLOSING_SIZE);
	size_t count;

	if (seal_check_packets(packets, n, &count, f) == -1)
		return -1;
	if (document->len == 0 || document->data[document->len - 1] != '\n')
		return fault_set(f, FAULT_BUG,
		    "document to be signed does not end in a line end");
	if (memmem(document->data, document->len, opening, OPENING_SIZE) !=
	    NULL)
		return fault_set(f, FAULT_FORMAT,
		    "document to be signed has a signature line already");
	if (buf_add(&line, opening, OPENING_SIZE, f) == -1 ||
	    base64_encode(packets, n, &line, f) == -1 ||
	    buf_add(&line, closing, CLOSING_SIZE, f) == -1)
		return -1;
	return buf_add(document, line.data, line.len, f);
}
