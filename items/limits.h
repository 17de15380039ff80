/*
 * limits.h -- every maximum of the published format (FORMAT.md section 6 and
 * where named), in one place; below feeds/ and wiki/, since both keep to them.
 */
#ifndef ITEMS_LIMITS_H
#define ITEMS_LIMITS_H

#include <stdint.h>

#define KIB ((int64_t)1024)
#define MIB (1024 * KIB)

#define FEED_MAX (256 * KIB)	 /* bytes of feed.atom, decoded */
#define TRUST_MAX (256 * KIB)	 /* bytes of a trust document */
#define HISTORY_MAX (1 * MIB)	 /* bytes of a history document, unpacked */
#define NETWORK_MAX (1 * MIB)	 /* bytes of a network document, unpacked */
#define SIGNATURE_MAX (16 * KIB) /* bytes of OpenPGP signature packets */
#define SIGNATURE_COUNT_MAX 16	 /* packets in one signature line */
#define KEY_MAX (256 * KIB)	 /* bytes of key.asc */
#define MANIFEST_MAX (64 * MIB)	 /* bytes of manifest.xml */
#define ITEM_SIZE_MAX (64 * MIB) /* bytes of one item */
#define TARBALL_MAX (1024 * MIB) /* bytes of a tar, unpacked */
#define ITEM_COUNT_MAX 250000	 /* items in a feed */
#define NAME_SPELT_MAX 255	 /* bytes of a name as spelt in a tar path */
#define NOTE_MAX 1024		 /* bytes of an author, a comment, a title */
#define UPDATED_MAX 077777777777 /* the last second of a ustar mtime */
#define LANG_MAX 35
#define FORMAT_MAX 32
#define XML_DEPTH_MAX 16
#define XML_ATTRIBUTE_MAX 64	  /* attributes of an element */
#define INLINE_STEP_MAX (3 * KIB) /* a step that travels inside the feed */

#define SNAPSHOT_WINDOW_LOG 23 /* 8 MiB */
#define STEP_WINDOW_LOG 27     /* 128 MiB */

#define HISTORY_SERIALS 32	   /* serials of a full history document */
#define LADDER_MAX 10		   /* 2^10: the longest step */
#define LADDER_ALWAYS (64 * KIB)   /* a step up to this size always exists */
#define SNAPSHOT_EVERY 256	   /* serials after which one is made anew */
#define SNAPSHOT_ALWAYS (64 * KIB) /* steps since: up to here none is due */
#define PIECES_FROM (8 * MIB)	   /* a larger snapshot has a piece table */
#define PIECE_SIZE (1 * MIB)	   /* bytes of a piece, but for the last one */
#define RETENTION 1024		   /* serials, by default */

#define SERIAL_AHEAD_MAX 1000000  /* of a candidate over the accepted one */
#define CLOCK_SKEW_MAX 86400	  /* seconds: 24 hours */
#define EXPIRES_MAX (366 * 86400) /* seconds after `updated` */

#define MIRRORS_MAX 16 /* of a network document */
#define PEERS_MAX 64   /* of a network document that are used */

#define PATTERN_MAX 1024	  /* bytes of a pattern */
#define PATTERN_DEPTH_MAX 32	  /* of its groups */
#define PATTERN_COUNT_MAX 250000  /* patterns of a list that are looked at */
#define PATTERN_REPEAT_MAX 1000	  /* the largest bounded repeat, also nested */
#define PATTERN_LITERALS_MIN 5	  /* literal bytes, where no host is named */
#define PATTERN_PROBE 192	  /* bytes of a hostile probe */
#define PATTERN_STEPS_MAX 1000000 /* of a matcher on one probe */
#define PATTERN_STEPS_ALL 500000000	/* on the probes of a whole list */
#define PATTERN_SEARCH_ALL (4096 * MIB) /* bytes of text that are searched */

#define NOTICE_MAX (4 * KIB) /* bytes of a notification, form encoded */
#define NOTICE_EVERY 300     /* seconds between two runs for them */
#define NOTICE_JITTER 30     /* seconds of a random wait before one */
#define NOTICE_FIELDS_MAX 16 /* fields of it, known and unknown */

#endif
