#include "feeds/notice.h"

#include <string.h>

#include "base/num.h"

#define NUMBER_TEXT 17 /* bytes of a number below 2^53, with NUL */

/* A field that is read; what is not seen is "". */
struct field {
	const char *name;
	char *value;
	size_t room; /* bytes, with the NUL */
	bool seen;
};

/* ---- one field ---- */

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * One character of n > 0 encoded bytes: how many of them it took, 0 if they
 * are no form encoding.
 */
static size_t
decode_one(const char *p, size_t n, char *out)
{
	int high, low;

	if (*p != '%') {
		*out = *p;
		if (*p == '+')
			*out = ' ';
		return 1;
	}
	if (n < 3 || (high = hex_value(p[1])) == -1 ||
	    (low = hex_value(p[2])) == -1)
		return 0;
	*out = (char)(high << 4 | low);
	return 3;
}

/* No value has a NUL in it. */
static int
decode(const char *p, size_t n, struct field *field, struct fault *f)
{
	size_t taken, at = 0;
	char c;

	for (; n > 0; p += taken, n -= taken) {
		taken = decode_one(p, n, &c);
		if (taken == 0 || c == '\0')
			return fault_set(f, FAULT_FORMAT,
			    "field '%s' is not form encoded", field->name);
		if (at + 1 >= field->room)
			return fault_set(f, FAULT_FORMAT,
			    "field '%s' is too long", field->name);
		field->value[at++] = c;
	}
	field->value[at] = '\0';
	field->seen = true;
	return 0;
}

/* "name=value"; names are plain, so that each has one spelling. */
static int
take_field(const char *p, size_t n, struct field *fields, struct fault *f)
{
	const char *sign = memchr(p, '=', n);
	size_t name = sign != NULL ? (size_t)(sign - p) : n;

	for (; fields->name != NULL; fields++)
		if (strlen(fields->name) == name &&
		    memcmp(fields->name, p, name) == 0)
			break;
	if (fields->name == NULL)
		return 0;
	if (fields->seen)
		return fault_set(f, FAULT_FORMAT, "field '%s' stands twice",
		    fields->name);
	if (sign == NULL)
		return fault_set(f, FAULT_FORMAT, "field '%s' has no value",
		    fields->name);
	return decode(sign + 1, n - name - 1, fields, f);
}

/* ---- the form ---- */

static int
take_form(const char *form, size_t n, struct field *fields, struct fault *f)
{
	size_t count = 0;

	while (n > 0) {
		const char *end = memchr(form, '&', n);
		size_t len = end != NULL ? (size_t)(end - form) : n;

		if (++count > NOTICE_FIELDS_MAX)
			return fault_set(f, FAULT_FORMAT,
			    "the form has more than %d fields",
			    NOTICE_FIELDS_MAX);
		if (take_field(form, len, fields, f) == -1)
			return -1;
		form += len + (end != NULL);
		n -= len + (end != NULL);
	}
	return 0;
}

int
notice_read(const char *form, size_t n, struct notice *out, struct fault *f)
{
	struct notice read = { .serial = 0 };
	char number[NUMBER_TEXT] = "", state[DIGEST_TEXT] = "";
	struct field fields[] = {
		{ .name = "feed",
		    .value = read.feed,
		    .room = sizeof(read.feed) },
		{ .name = "serial", .value = number, .room = sizeof(number) },
		{ .name = "state", .value = state, .room = sizeof(state) },
		{ .name = "from",
		    .value = read.from,
		    .room = sizeof(read.from) },
		{ .name = NULL },
	};

	if ((int64_t)n > NOTICE_MAX)
		return fault_set(f, FAULT_LIMIT,
		    "the form is longer than %lld bytes",
		    (long long)NOTICE_MAX);
	if (take_form(form, n, fields, f) == -1)
		return -1;
	if (!feed_id_valid(read.feed))
		return fault_set(f, FAULT_FORMAT, "'feed' is not a feed id");
	if (num_parse(number, 1, NUM_MAX, &read.serial, f) == -1)
		return fault_within(f, "'serial'");
	if (digest_parse(state, &read.state, f) == -1)
		return fault_within(f, "'state'");
	if (*read.from != '\0' && !network_is_folder(read.from))
		return fault_set(f, FAULT_FORMAT,
		    "'from' is not an http or "
		    "https URL of a folder, which ends in '/'");
	*out = read;
	return 0;
}

/* What RFC 3986 calls unreserved stands for itself. */
int
notice_encode(const char *value, struct buf *out, struct fault *f)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	for (; *value != '\0'; value++) {
		int rc = strchr(plain, *value) != NULL ?
		    buf_add(out, value, 1, f) :
		    buf_format(out, f, "%%%02X", (unsigned char)*value);

		if (rc == -1)
			return -1;
	}
	return 0;
}

int
notice_write(const struct notice *notice, struct buf *out, struct fault *f)
{
	char state[DIGEST_TEXT];

	digest_format(&notice->state, state);
	if (buf_add_text(out, "feed=", f) == -1 ||
	    notice_encode(notice->feed, out, f) == -1 ||
	    buf_format(out, f, "&serial=%lld&state=%s",
		(long long)notice->serial, state) == -1)
		return -1;
	if (*notice->from == '\0')
		return 0;
	if (buf_add_text(out, "&from=", f) == -1)
		return -1;
	return notice_encode(notice->from, out, f);
}

void
notice_tag(const char *url, char out[NOTICE_TAG_TEXT])
{
	size_t n = strlen(url);
	struct digest_run run;
	struct digest d;
	char text[DIGEST_TEXT];

	digest_start(&run);
	digest_more(&run, url, n);
	if (n > 0 && url[n - 1] != '/')
		digest_more(&run, "/", 1);
	digest_end(&run, &d);
	digest_format(&d, text);
	memcpy(out, text, NOTICE_TAG_TEXT - 1);
	out[NOTICE_TAG_TEXT - 1] = '\0';
}
