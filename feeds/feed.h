/*
 * feed.h -- the model of feed.atom: what FORMAT section 5 puts into it, as
 * plain data, without a word of XML.
 */
#ifndef FEEDS_FEED_H
#define FEEDS_FEED_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/digest.h"
#include "items/limits.h"

#define FEED_ID_TEXT 46 /* "urn:uuid:" and 36 characters, and a NUL */

/* A file of the tree, by digest, and what the signed documents say of it. */
struct feed_file {
	bool present;
	struct digest digest;
	int64_t length;	  /* bytes on the wire */
	int64_t unpacked; /* bytes of the whole tar; 0 where not given */
	int64_t serial;	  /* of a snapshot; of a step: the serial it ends at */
	int64_t from;	  /* of a step: the serial it starts at */
	/* of a snapshot, where history is the source: its piece table */
	int64_t pieces_length; /* 0: it has none */
	struct digest pieces;
};

struct feed {
	char id[FEED_ID_TEXT];
	char *title;
	char *author;	 /* feed level atom:author's name */
	char *self;	 /* canonical URL of feed.atom, or NULL */
	char *alternate; /* page for people, or NULL */
	char *hub;	 /* WebSub hub, or NULL */
	int64_t updated;
	int64_t serial;
	struct digest state;
	int64_t expires; /* as written; feed_expires() has the cap */
	int64_t trust;	 /* number of the newest trust document, or 0 */
	struct feed_file history;
	struct feed_file snapshot; /* the newest one; serial, unpacked */
	struct feed_file network;
	/* the entry, of the newest serial */
	int64_t entry_updated; /* when it was published; 0: as updated */
	char *entry_title;
	char *summary;
	struct feed_file step;		 /* from serial - 1; may be absent */
	struct feed_file entry_snapshot; /* of this serial; may be absent */
	struct buf inside;		 /* the step's bytes, or empty */
};

#define OWNED_FEED OWNED(feed_clear)

void feed_init(struct feed *feed);
void feed_clear(struct feed *feed);

/*
 * Is everything as FORMAT section 5 says, as far as it can be told without a
 * clock and an older document?  Texts, URLs and ranges; the newest snapshot is
 * not newer than the head; the entry's step leads from serial - 1 to it, its
 * snapshot is the newest one; the bytes inside are those of the step.
 * Whatever reads or writes a feed asks this.
 */
int feed_check(const struct feed *feed, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Is a snapshot or step there, with lengths within the limits?  what is for
 * the message.
 */
int feed_file_check(const struct feed_file *file, const char *what,
    struct fault *f) __attribute__((warn_unused_result));

/* When it goes stale: expires, at most EXPIRES_MAX after updated. */
int64_t feed_expires(const struct feed *feed);

/* "urn:uuid:" and a lower-case UUID? */
bool feed_id_valid(const char *id);
int feed_id_parse(const char *text, char out[FEED_ID_TEXT], struct fault *f)
    __attribute__((warn_unused_result));
/* A new random one (RFC 9562 version 4). */
int feed_id_new(char out[FEED_ID_TEXT], struct fault *f)
    __attribute__((warn_unused_result));

/* The entry's atom:id: version 8, from SHA-256 over "<feed id>#<serial>". */
void feed_entry_id(const char *feed_id, int64_t serial, char out[FEED_ID_TEXT]);

#endif
