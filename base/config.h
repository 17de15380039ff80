/*
 * config.h -- the configuration: which files, what they may say, and into
 * which settings it goes (DESIGN section 4).
 *
 *	[kind] or [kind name]		; names with blanks in double quotes
 *	key = value			; a key may stand in several lines
 *
 * Blanks around all of these do not matter.  A line that begins with ; or #
 * is a comment, and so is what follows a blank and ; in any line, even
 * within quotes.  A # inside a line begins nothing: in quotes it is itself,
 * elsewhere behind a blank it is refused, since someone meant a comment.
 *
 * A line has at most 198 bytes, or what else the libinih at hand takes, its
 * comment included; a longer one is refused, not cut.
 *
 * Whatever is not exactly so is FAULT_CONFIG and begins with "FILE:LINE: ":
 * an unknown kind or key, a section or a key that stands twice but may not, a
 * value out of range, a line that is too long.  Nothing is guessed.  The
 * files are the administrator's, who makes mistakes, but is no enemy.
 *
 * The kinds are [state], [publish], [notify] and [network], which stand once
 * and have no name, and [feed NAME], [follow NAME] and [merge NAME].  One
 * configuration is for all programs: each reads all of it, and binds the
 * sections that are its own.
 *
 *	OWNED(config_free_p) struct config *c = NULL;
 *	if (config_load(options.config, &c, f) == -1) ...
 *	for (s = NULL; (s = config_next(c, s, "follow")) != NULL;)
 *		if (config_bind(s, follow_keys, &follow, f) == -1) ...
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/words.h"

struct config;

struct config_value {
	char *key;
	char *value; /* never empty; quotes as written */
	int line;
};

struct config_section {
	const char *kind;
	char *name;	  /* NULL if its kind has none */
	const char *file; /* where it stands, for messages */
	int line;
	struct config_value *values; /* in the order of the file */
	size_t value_count;
};

/*
 * Read the configuration.  With file (option -c) only that; else, with
 * $WIKICAST_CONFIG, only that; else /etc/wikicast/wikicast.conf and
 * /etc/wikicast/conf.d/(any).conf in the order of their names; else the same
 * two below $XDG_CONFIG_HOME/wikicast or ~/.config/wikicast.  One of both is
 * enough.  A file that is there and cannot be read ends the search as a
 * fault; none at all is one too, that says where it was looked for.
 */
int config_load(const char *file, struct config **out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The same for a verb that is going to add sections: no configuration at all
 * is no fault, *out is NULL then.  *path, owned by the caller, is the file
 * that they go to (base/section.h): the one that is named; else wikicast.conf
 * where there is no configuration yet, conf.d/NAME.conf where there is.
 */
int config_load_to_add(const char *file, const char *name, struct config **out,
    char **path, struct fault *f) __attribute__((warn_unused_result));

/*
 * Add what n bytes of text say to *c, which is made if it is NULL; name
 * stands for the file in messages.  After a failure *c has parts of it.
 */
int config_add(struct config **c, const char *name, const char *text, size_t n,
    struct fault *f) __attribute__((warn_unused_result));

void config_free(struct config *c);
void config_free_p(struct config **c);

/*
 * The folder that a new file should go to, when there is no configuration
 * yet: as root /etc/wikicast, else the user's own.  Caller frees.
 */
int config_folder(char **out, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * The next section of a kind (NULL: of any) in the order of the files, after
 * a given one (NULL: the first); NULL if there is none.  Lives as long as c.
 */
const struct config_section *config_next(const struct config *c,
    const struct config_section *after, const char *kind);

/* The section of that kind and name (NULL: the kind has none), or NULL. */
const struct config_section *config_find(const struct config *c,
    const char *kind, const char *name);

enum config_type {
	CONFIG_TEXT,	 /* char *: the line; in quotes as one word */
	CONFIG_WORDS,	 /* struct words; each line of the key adds to them */
	CONFIG_LINES,	 /* struct words; each line is one, for words_split() */
	CONFIG_NUMBER,	 /* int64_t, min to max */
	CONFIG_DURATION, /* int64_t seconds, min to max: 90s 15m 6h 30d 2w */
	CONFIG_SIZE,	 /* int64_t bytes, min to max: 500 200K 2M 1G */
	CONFIG_PERCENT,	 /* int64_t, min to max: 25% */
	CONFIG_BOOL,	 /* bool: yes or no */
	CONFIG_CHOICE,	 /* int: place in the list of choices */
};

/*
 * What a key is and where its value goes.  A table ends with a NULL key.
 * A max of 0: as far as the type goes (percentages: 100).
 */
struct config_key {
	const char *key;
	enum config_type type;
	size_t offset; /* of its member in the settings */
	bool required;
	bool once; /* words and lines: the key stands at most once */
	int64_t min, max;
	const char *const *choices; /* NULL-ended */
};

/*
 * Check a section and put its values into the settings.  A member whose key
 * is missing keeps what it holds: that is where defaults go, though texts
 * must be NULL and words empty before.  A fault leaves the settings half
 * filled; config_clear() is due in any case.
 */
int config_bind(const struct config_section *s, const struct config_key *keys,
    void *settings, struct fault *f) __attribute__((warn_unused_result));

/*
 * The same for a program that wants only some of another one's keys: those
 * that are not in the table are passed over.
 */
int config_bind_some(const struct config_section *s,
    const struct config_key *keys, void *settings, struct fault *f)
    __attribute__((warn_unused_result));

/* Free the texts and words of settings; they are NULL and empty then. */
void config_clear(const struct config_key *keys, void *settings);

/*
 * Put "FILE:LINE: " of a key's first line (NULL, or not there: of the
 * section) before a fault that a program found in its value, and make it
 * FAULT_CONFIG.  Always returns -1.
 */
int config_refuse(const struct config_section *s, const char *key,
    struct fault *f);

#endif
