/*
 * errand.h -- what fetch asks of its worker, as messages of base/message.h.
 *
 * Bodies are parcels (feeds/parcel.h).  Every errand is answered by
 * ERRAND_DONE with what is listed, or by ERRAND_FAULT: kind, text, and
 * whether other certificates might help.
 *
 *	errand		body			descriptors	answer
 *	CERTIFICATES	scratch, signers,	key.asc		signers,
 *			keyring					keyring
 *	FEED		home, signers, now	document	feed
 *	SIGNATURE	as of FEED		file, packets	-
 *	HISTORY		-			file		history
 *	NETWORK		-			file		network
 *	SNAPSHOT	unpacked		file, contents	contents
 *	STEP		unpacked		file		manifest
 *	CONTENTS	prefix size		prefix,		manifest
 *						contents
 *	PAGE		title, standing,	-			html
 *			changes, command
 *	LINT		list, texts' size	texts		count, then for
 *							each bad line its
 *							number and reason
 *
 * A list has a pattern a line; a text is two fields, what it is called ("page
 * 'Help'") and its bytes.  The names of hosts come first, then pages.
 *
 * SNAPSHOT is answered in parts: before ERRAND_DONE, with the last contents,
 * come ERRAND_MORE with the manifest, and one for each of the parts before.
 *
 * CERTIFICATES, SIGNATURE and FEED need GnuPG: they come first.  After the
 * signature of a FEED was checked, and before it is parsed, the worker enters
 * its sandbox, for good; any other errand enters it too.
 */
#ifndef FEEDS_ERRAND_H
#define FEEDS_ERRAND_H

#include "feeds/parcel.h"
#include "feeds/signature.h"

enum errand {
	ERRAND_DONE = 1,
	ERRAND_FAULT,
	ERRAND_CERTIFICATES,
	ERRAND_FEED,
	ERRAND_HISTORY,
	ERRAND_NETWORK,
	ERRAND_SNAPSHOT,
	ERRAND_STEP,
	ERRAND_CONTENTS,
	ERRAND_SIGNATURE,
	ERRAND_PAGE,
	ERRAND_LINT,
	ERRAND_MORE,
};

#define ERRAND_MAX ((size_t)(3 * MANIFEST_MAX)) /* bytes of a body */
#define ERRAND_SOCKET 3				/* the worker's descriptor */

int errand_put_signers(struct buf *out, const struct signers *s,
    struct fault *f) __attribute__((warn_unused_result));
int errand_get_signers(struct parcel *p, struct signers *s, struct fault *f)
    __attribute__((warn_unused_result));

int errand_put_fault(struct buf *out, const struct fault *of, bool refresh,
    struct fault *f) __attribute__((warn_unused_result));
/* What the worker said becomes *f, unless that was no fault: FAULT_FORMAT. */
void errand_get_fault(struct parcel *p, bool *refresh, struct fault *f);

#endif
