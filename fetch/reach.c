#include "fetch/reach.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define CONTACT_MAX 100

#define IN(member) offsetof(struct reach, member)
static const struct config_key keys[] = {
	{ .key = "limit-rate",
	    .type = CONFIG_SIZE,
	    .offset = IN(way.rate),
	    .min = REACH_RATE_MIN },
	{ .key = "proxy", .type = CONFIG_TEXT, .offset = IN(proxy) },
	{ .key = "no-proxy", .type = CONFIG_WORDS, .offset = IN(no_proxy) },
	{ .key = "contact", .type = CONFIG_TEXT, .offset = IN(contact) },
	{ .key = NULL },
};
#undef IN

void
reach_clear(struct reach *reach)
{
	config_clear(keys, reach);
	free(reach->spared);
	free(reach->agent);
	reach->spared = reach->agent = NULL;
	reach->way = (struct http_way){ 0 };
}

/* "http://user:word@host:3128": a proxy has no usual port. */
static bool
is_proxy(const char *url)
{
	static const char *const schemes[] = { "http://", "https://",
		"socks5h://" };
	const char *rest = NULL, *port, *p;
	struct fault ignored = { 0 };
	int64_t number;
	size_t i;

	for (i = 0; i < 3; i++)
		if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
			rest = url + strlen(schemes[i]);
	for (p = url; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return false;
	port = rest != NULL ? strrchr(rest, ':') : NULL;
	return port != NULL && port != rest && port[-1] != '@' &&
	    num_parse(port + 1, 1, 65535, &number, &ignored) == 0;
}

static int
check_proxy(const struct config_section *s, struct reach *reach,
    struct fault *f)
{
	if (reach->proxy == NULL)
		return 0;
	if (strcmp(reach->proxy, "none") == 0) {
		reach->way.proxy = "";
		return 0;
	}
	if (!is_proxy(reach->proxy)) {
		(void)fault_set(f, FAULT_CONFIG,
		    "'proxy' is neither 'none' nor a URL such as "
		    "http://proxy.example:3128 (http, https or socks5h, with "
		    "its port)");
		return config_refuse(s, "proxy", f);
	}
	reach->way.proxy = reach->proxy;
	return 0;
}

static int
check_no_proxy(const struct config_section *s, struct reach *reach,
    struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);
	size_t i;

	if (reach->no_proxy.count == 0)
		return 0;
	if (reach->way.proxy == NULL || *reach->way.proxy == '\0') {
		(void)fault_set(f, FAULT_CONFIG,
		    "'no-proxy' says who is asked without 'proxy': there is none");
		return config_refuse(s, "no-proxy", f);
	}
	for (i = 0; i < reach->no_proxy.count; i++)
		if (buf_format(&b, f, "%s%s", i > 0 ? "," : "",
			reach->no_proxy.word[i]) == -1)
			return -1;
	reach->way.no_proxy = reach->spared = buf_take(&b);
	if (reach->spared == NULL)
		return fault_memory(f);
	return 0;
}

/* Every request has it: short, and nothing that ends a comment (RFC 9110). */
static bool
is_contact(const char *text)
{
	bool web = strncmp(text, "http://", 7) == 0 ||
	    strncmp(text, "https://", 8) == 0;
	const char *p;

	for (p = text; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || strchr("()\\", *p) != NULL)
			return false;
	return p - text <= CONTACT_MAX && (web || strchr(text, '@') != NULL);
}

static int
take_contact(const struct config_section *s, struct reach *reach,
    struct fault *f)
{
	OWNED_BUF struct buf b = BUF_INIT(BUF_ANY);

	if (reach->contact == NULL)
		return 0;
	if (!is_contact(reach->contact)) {
		(void)fault_set(f, FAULT_CONFIG,
		    "'contact' is neither a web address nor a mail address, "
		    "of at most %d letters",
		    CONTACT_MAX);
		return config_refuse(s, "contact", f);
	}
	if (buf_format(&b, f, "%s (%s)", HTTP_AGENT, reach->contact) == -1)
		return -1;
	reach->way.agent = reach->agent = buf_take(&b);
	return reach->agent != NULL ? 0 : fault_memory(f);
}

int
reach_take(const struct config *c, struct reach *reach, struct fault *f)
{
	const struct config_section *s =
	    c != NULL ? config_find(c, "network", NULL) : NULL;

	if (s == NULL)
		return 0;
	if (config_bind(s, keys, reach, f) == -1 ||
	    check_proxy(s, reach, f) == -1)
		return -1;
	if (check_no_proxy(s, reach, f) == -1)
		return -1;
	return take_contact(s, reach, f);
}

int
reach_open(const struct reach *reach, struct http **out, struct fault *f)
{
	if (http_start(f) == -1 || http_open(out, f) == -1)
		return -1;
	http_use(*out, &reach->way);
	return 0;
}
