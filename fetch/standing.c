#include "fetch/standing.h"

#define CERTIFICATE_SOON (60 * 86400) /* seconds: told of before the end */

const char *
standing_word(const struct book_feed *feed,
    const struct standing_counts *counts, bool has_wiki, int64_t now)
{
	if (feed->forked)
		return "forked";
	if (feed->serial == 0)
		return "not fetched yet";
	if (now > feed->expires)
		return "expired";
	if (feed->stored != feed->serial)
		return "incomplete";
	if (counts->held > 0)
		return "held";
	if (counts->conflicts > 0)
		return "conflicts";
	if (feed->held_at > 0)
		return "rolled back";
	if (has_wiki && (feed->settled != feed->stored || counts->locked > 0))
		return "not all installed";
	return "up to date";
}

const char *
standing_certificate(const struct signer *signer, int64_t now)
{
	if (signer->key_count == 0)
		return "no certificate yet";
	if (signer->expires == 0 || signer->expires > now + CERTIFICATE_SOON)
		return "good";
	return signer->expires > now ? "expires soon" : "expired";
}
