/*
 * vouch.h -- who vouches for what is checked: the signers that were named on
 * the command line, else those that a [follow] pins, else nobody; and the
 * check of signatures with their certificates.
 *
 *	OWNED_VOUCH struct vouch v = VOUCH_INIT;
 *	vouch_start(&v, f)
 *	v.given, v.pins, v.keys are filled by the caller
 *	vouch_document(&v, bytes, n, packets.data, packets.len, f)
 *	... only now is it parsed ...
 *	vouch_confirm(&v, id)
 *
 * Where nobody vouches, every certificate at hand counts as a signer's: that
 * a document is whole can still be told, but not whose it is.
 */
#ifndef VERIFY_VOUCH_H
#define VERIFY_VOUCH_H

#include "verify/pins.h"

struct vouch {
	const struct signers *given; /* --signer; count 0: none */
	const struct pins *pins;     /* borrowed */
	struct buf keys;	     /* certificates from a stranger: key.asc */
	const char *keys_name;	     /* borrowed: where they are from */
	bool keys_named;	     /* --certificate, and so no other file's */
	char *scratch;		     /* a folder of our own; its path */
	int folder;
	int64_t now;
	/* set by vouch_document() and vouch_file() */
	struct signers *signers; /* that were checked against */
	const struct pin *pin;	 /* whose they are, or NULL */
	bool vouched;
};

#define VOUCH_INIT \
	{ \
		.keys = BUF_INIT(KEY_MAX), .folder = -1 \
	}
#define OWNED_VOUCH OWNED(vouch_clear)

int vouch_start(struct vouch *v, struct fault *f)
    __attribute__((warn_unused_result));
void vouch_clear(struct vouch *v); /* removes the scratch folder */

/* Read certificates below dirfd; a file that is missing leaves keys empty. */
int vouch_read_keys(struct vouch *v, int dirfd, const char *name, bool *have,
    struct fault *f) __attribute__((warn_unused_result));

/*
 * Choose who vouches and check packets over n bytes of a feed document.  The
 * pins that count are those whose id stands in it; whether it is its own, only
 * the parser can tell: vouch_confirm().
 */
int vouch_document(struct vouch *v, const char *bytes, size_t n,
    const void *packets, size_t packets_size, struct fault *f)
    __attribute__((warn_unused_result));

/* The same for a file that does not show its feed: all pins are tried. */
int vouch_file(struct vouch *v, int fd, const void *packets,
    size_t packets_size, struct fault *f) __attribute__((warn_unused_result));

/* The pins were for this feed? Else nobody vouches. */
void vouch_confirm(struct vouch *v, const char *id);

/* One of the signers chosen before signed this file (a snapshot). */
int vouch_check_fd(const struct vouch *v, int fd, const void *packets,
    size_t packets_size, struct fault *f) __attribute__((warn_unused_result));

#endif
