#include "fetch/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct range {
	const char *net; /* inet_pton's text */
	int bits;
};

static const struct range closed4[] = {
	{ "0.0.0.0", 8 },      /* this host */
	{ "10.0.0.0", 8 },     /* private */
	{ "100.64.0.0", 10 },  /* behind a provider's NAT */
	{ "127.0.0.0", 8 },    /* loopback */
	{ "169.254.0.0", 16 }, /* link-local */
	{ "172.16.0.0", 12 },  /* private */
	{ "192.0.0.0", 24 },   /* protocol assignments */
	{ "192.168.0.0", 16 }, /* private */
	{ "198.18.0.0", 15 },  /* benchmarks */
	{ "224.0.0.0", 3 },    /* multicast, reserved, broadcast */
};

static const struct range closed6[] = {
	{ "::", 127 },	       /* unspecified, loopback */
	{ "100::", 64 },       /* discard */
	{ "64:ff9b:1::", 48 }, /* NAT64 of one site */
	{ "fc00::", 7 },       /* unique local */
	{ "fe80::", 10 },      /* link-local */
	{ "fec0::", 10 },      /* site-local */
	{ "ff00::", 8 },       /* multicast */
};

/* IPv6 ranges that lead to an IPv4 address, which stands at this byte. */
static const struct {
	struct range range;
	size_t at;
} carriers[] = {
	{ { "::ffff:0:0", 96 }, 12 }, /* mapped */
	{ { "::", 96 }, 12 },	      /* compatible, old */
	{ { "64:ff9b::", 96 }, 12 },  /* NAT64 */
	{ { "2002::", 16 }, 2 },      /* 6to4 */
};

/*
 * Domains that are resolved on the spot: RFC 6761, 6762 with its appendix G,
 * 8375, and ICANN's reservation of .internal.
 */
static const char *const local_domains[] = { ".localhost", ".local",
	".localdomain", ".internal", ".intranet", ".private", ".corp", ".home",
	".lan", ".home.arpa" };

static bool
inside(const uint8_t *address, int family, const struct range *range)
{
	uint8_t net[16];
	int whole = range->bits / 8, rest = range->bits % 8;

	if (inet_pton(family, range->net, net) != 1)
		return true;
	if (memcmp(address, net, (size_t)whole) != 0)
		return false;
	return rest == 0 || (address[whole] ^ net[whole]) >> (8 - rest) == 0;
}

static bool
public4(const uint8_t *address)
{
	size_t i;

	for (i = 0; i < sizeof(closed4) / sizeof(closed4[0]); i++)
		if (inside(address, AF_INET, &closed4[i]))
			return false;
	return true;
}

static bool
public6(const uint8_t *address)
{
	size_t i;

	for (i = 0; i < sizeof(closed6) / sizeof(closed6[0]); i++)
		if (inside(address, AF_INET6, &closed6[i]))
			return false;
	for (i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++)
		if (inside(address, AF_INET6, &carriers[i].range) &&
		    !public4(address + carriers[i].at))
			return false;
	return true;
}

bool
address_is_public(const struct sockaddr *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	switch (address->sa_family) {
	case AF_INET:
		memcpy(&v4, address, sizeof(v4));
		return public4((const uint8_t *)&v4.sin_addr);
	case AF_INET6:
		memcpy(&v6, address, sizeof(v6));
		return public6((const uint8_t *)&v6.sin6_addr);
	default:
		return false;
	}
}

bool
address_text_is_public(const char *text, bool *literal)
{
	char plain[INET6_ADDRSTRLEN];
	uint8_t bytes[16];
	size_t n;

	text += *text == '[';
	n = strcspn(text, "]%");
	*literal = true;
	if (n < sizeof(plain)) {
		memcpy(plain, text, n);
		plain[n] = '\0';
		if (inet_pton(AF_INET, plain, bytes) == 1)
			return public4(bytes);
		if (inet_pton(AF_INET6, plain, bytes) == 1)
			return public6(bytes);
	}
	*literal = false;
	return true;
}

static bool
ends_with(const char *name, size_t n, const char *end)
{
	size_t m = strlen(end);

	return n >= m && strncasecmp(name + n - m, end, m) == 0;
}

static bool
name_is_public(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t n = strlen(name), last, i;

	n -= n > 0 && name[n - 1] == '.'; /* the root's */
	for (last = n; last > 0 && name[last - 1] != '.';)
		last--;
	if (last == 0 || last == n || strchr(letters, name[last]) == NULL)
		return false;
	for (i = 0; i < n; i++)
		if (strchr(letters, name[i]) == NULL &&
		    strchr("0123456789-_.", name[i]) == NULL)
			return false;
	for (i = 0; i < sizeof(local_domains) / sizeof(local_domains[0]); i++)
		if (ends_with(name, n, local_domains[i]))
			return false;
	return true;
}

bool
address_host_is_public(const char *host)
{
	bool literal, open = address_text_is_public(host, &literal);

	return literal ? open : name_is_public(host);
}
