#include "fetch/route.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CAPATH "/etc/ssl/certs"

static bool
given(const char *text)
{
	return text != NULL && *text != '\0';
}

/* ---- proxies ---- */

static bool
is_https(const char *url)
{
	return strncasecmp(url, "https:", 6) == 0;
}

/* The environment's, by libcurl's rules; "" for none. */
static const char *
of_environment(bool https)
{
	static const char *const plain[] = { "http_proxy", "all_proxy",
		"ALL_PROXY" };
	static const char *const tls[] = { "https_proxy", "HTTPS_PROXY",
		"all_proxy", "ALL_PROXY" };
	const char *const *names = https ? tls : plain;
	size_t i, n = https ? 4 : 3;

	for (i = 0; i < n; i++)
		if (given(getenv(names[i])))
			return getenv(names[i]);
	return "";
}

static const char *
proxy_of(const struct transfer *t)
{
	return t->way->proxy != NULL ? t->way->proxy :
				       of_environment(is_https(t->url));
}

bool
route_by_proxy(const struct transfer *t)
{
	return *proxy_of(t) != '\0';
}

/*
 * Where others choose the URL and there is a proxy, everything goes through
 * the proxy (no-proxy would let them reach what stands behind it), and the
 * proxy, whose own address may well be private, decides what it connects to.
 */
static int
set_proxy(struct transfer *t)
{
	const char *spared = t->configured ? t->way->no_proxy : NULL;
	int rc;

	if (t->configured && t->way->proxy == NULL)
		return CURLE_OK; /* libcurl looks into the environment itself */
	rc = curl_easy_setopt(t->easy, CURLOPT_PROXY, proxy_of(t));
	rc |= curl_easy_setopt(t->easy, CURLOPT_NOPROXY,
	    spared != NULL ? spared : "");
	return rc;
}

/* ---- certificates ---- */

/*
 * A folder of hashed certificates: OpenSSL reads one file of it instead of a
 * bundle of all, which costs half of the CPU of a poll (nothing is gained by
 * looking again, hence static).
 */
static const char *
hashed_folder(void)
{
	static int known = -1;
	struct dirent *entry;
	DIR *dir;

	if (known == -1) {
		known = 0;
		dir = opendir(CAPATH);
		while (
		    known == 0 && dir != NULL && (entry = readdir(dir)) != NULL)
			known = strlen(entry->d_name) == 10 &&
			    strspn(entry->d_name, "0123456789abcdef") == 8 &&
			    strcmp(entry->d_name + 8, ".0") == 0;
		if (dir != NULL)
			(void)closedir(dir);
	}
	return known == 1 ? CAPATH : NULL;
}

/*
 * Whose certificates count: those of SSL_CERT_FILE and SSL_CERT_DIR, as with
 * OpenSSL's own programs, else the system's.  Many set SSL_CERT_FILE to the
 * system's bundle, which has what the hashed folder has.  NULL for both: as
 * libcurl was built.
 */
static void
find_authorities(const char **file, const char **folder)
{
	*file = getenv("SSL_CERT_FILE");
	*folder = getenv("SSL_CERT_DIR");
	if (given(*file) && strcmp(*file, CAPATH "/ca-certificates.crt") == 0 &&
	    hashed_folder() != NULL)
		*file = NULL;
	if (!given(*file))
		*file = NULL;
	if (!given(*folder))
		*folder = *file == NULL ? hashed_folder() : NULL;
}

static int
set_tls(CURL *easy)
{
	const char *file, *folder;
	int rc = curl_easy_setopt(easy, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2);

	find_authorities(&file, &folder);
	if (file == NULL && folder == NULL)
		return rc;
	rc |= curl_easy_setopt(easy, CURLOPT_CAINFO, file);
	rc |= curl_easy_setopt(easy, CURLOPT_CAPATH, folder);
	return rc;
}

/* A libcurl that does not know such proxies says so when it is to use one. */
static void
set_proxy_tls(CURL *easy)
{
	const char *file, *folder;

	(void)curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2);
	find_authorities(&file, &folder);
	if (file == NULL && folder == NULL)
		return;
	(void)curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, file);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, folder);
}

int
route_set(struct transfer *t)
{
	int rc = set_proxy(t);

	if (is_https(t->url))
		rc |= set_tls(t->easy);
	if (is_https(proxy_of(t)))
		set_proxy_tls(t->easy);
	return rc;
}
