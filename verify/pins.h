/*
 * pins.h -- whom the configuration trusts, for verify: of each [follow] that
 * has an id, its signers and which items it chooses.
 *
 * Other keys are for fetch to read and to judge; nothing is guessed from them
 * here.
 */
#ifndef VERIFY_PINS_H
#define VERIFY_PINS_H

#include "base/config.h"
#include "feeds/signature.h"
#include "items/select.h"

struct pin {
	const char *name; /* of the section */
	char *id;
	struct words lines;	/* signers, as written */
	int64_t threshold;	/* 0: not given */
	struct signers signers; /* keys not filled */
	char *certificate;	/* file, or NULL */
	char *underlay;		/* of its wiki, or NULL */
	struct select_rules select;
};

struct pins {
	struct pin *list;
	size_t count;
	struct config *config; /* names point into it */
};

#define PINS_INIT \
	{ \
		NULL, 0, NULL \
	}
#define OWNED_PINS OWNED(pins_clear)

/*
 * file: of -c, or NULL for the usual places, where there need not be any
 * configuration.
 */
int pins_load(const char *file, struct pins *pins, struct fault *f)
    __attribute__((warn_unused_result));
int pins_take(struct config *config, struct pins *pins, struct fault *f)
    __attribute__((warn_unused_result)); /* config is theirs then */
void pins_clear(struct pins *pins);

/* The one of a feed, or NULL. */
const struct pin *pins_find(const struct pins *pins, const char *id);

#endif
