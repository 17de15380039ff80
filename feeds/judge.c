#include "feeds/judge.h"

#include <string.h>

#include "base/num.h"

/* Lower in anything that only rises (FORMAT section 6.3). */
static bool
is_behind(const struct judge_known *known, const struct feed *feed)
{
	return feed->serial < known->serial || feed->updated < known->updated ||
	    feed->trust < known->trust;
}

enum judge_answer
judge_feed(const struct judge_known *known, const struct feed *feed,
    int64_t now)
{
	bool same;

	if (known->id != NULL && strcmp(known->id, feed->id) != 0)
		return JUDGE_FOREIGN;
	/*
	 * Before all that depends on the clock or on `updated`: two signed
	 * states of one serial are a fact, whichever document came first.
	 */
	same = known->serial > 0 && feed->serial == known->serial;
	if (same && !digest_equal(&feed->state, &known->state))
		return JUDGE_FORK;
	if (feed->updated > now + CLOCK_SKEW_MAX)
		return JUDGE_FUTURE;
	/* Nothing bounds the first serial that a follower sees. */
	if (known->serial > 0 &&
	    feed->serial > known->serial + SERIAL_AHEAD_MAX)
		return JUDGE_FAR;
	if (is_behind(known, feed))
		return JUDGE_BEHIND;
	if (!same)
		return JUDGE_NEWS;
	return feed->updated > known->updated || feed->trust > known->trust ?
	    JUDGE_RESIGNED :
	    JUDGE_SAME;
}

int64_t
judge_now(int64_t clock, int64_t highest_updated)
{
	return clock > highest_updated ? clock : highest_updated;
}

bool
judge_expired(const struct feed *feed, int64_t now)
{
	return now > feed_expires(feed);
}

static int
refuse_behind(const struct judge_known *known, const struct feed *feed,
    struct fault *f)
{
	char is[TIME_TEXT], was[TIME_TEXT];

	if (feed->serial < known->serial)
		return fault_set(f, FAULT_BEHIND,
		    "serial %lld, where %lld is already accepted",
		    (long long)feed->serial, (long long)known->serial);
	if (feed->trust < known->trust)
		return fault_set(f, FAULT_BEHIND,
		    "trust document %lld, where %lld is already accepted",
		    (long long)feed->trust, (long long)known->trust);
	time_format(feed->updated, is);
	time_format(known->updated, was);
	return fault_set(f, FAULT_BEHIND,
	    "signed %s, where one of %s is already accepted", is, was);
}

int
judge_refuse(enum judge_answer answer, const struct judge_known *known,
    const struct feed *feed, int64_t now, struct fault *f)
{
	char is[TIME_TEXT], clock[TIME_TEXT];

	switch (answer) {
	case JUDGE_NEWS:
	case JUDGE_RESIGNED:
	case JUDGE_SAME:
		return 0;
	case JUDGE_BEHIND:
		return refuse_behind(known, feed, f);
	case JUDGE_FORK:
		return fault_set(f, FAULT_FORK,
		    "fork: serial %lld is signed with another state than the "
		    "one that is accepted",
		    (long long)feed->serial);
	case JUDGE_FOREIGN:
		return fault_set(f, FAULT_FORMAT,
		    "feed id '%s', where '%s' is followed", feed->id,
		    known->id);
	case JUDGE_FUTURE:
		time_format(feed->updated, is);
		time_format(now, clock);
		return fault_set(f, FAULT_FORMAT,
		    "signed %s, more than 24 hours ahead of the clock (%.10s)",
		    is, clock);
	case JUDGE_FAR:
		break;
	}
	return fault_set(f, FAULT_LIMIT,
	    "serial %lld, more than %d ahead of the accepted %lld",
	    (long long)feed->serial, SERIAL_AHEAD_MAX,
	    (long long)known->serial);
}
