/*
 * options.h -- verbs and options on the command line, each in a table.
 *
 *	static const struct options_row rows[] = {
 *		{ "from", 0, OPTIONS_TEXT, offsetof(struct s, from), "DIR",
 *		    "read this folder instead of the mirrors" },
 *		{ 0 } };
 *	static const struct options_verb verbs[] = {
 *		{ "fetch", "[FEED...]", "bring feeds up to date", 0,
 *		    OPTIONS_ANY, rows },
 *		{ 0 } };
 *
 *	OWNED(options_clear) struct options o = OPTIONS_INIT;
 *	if (options_choose(verbs, argc, argv, &verb, f) == -1 ||
 *	    options_parse(verb, argc, argv, &settings, &o, f) == -1) ...
 *	if (o.done) ...		--help or --version: said on stdout, exit 0
 *
 * argv[1] is the verb.  Options may stand before, between and behind
 * arguments; "--" ends them.  Every verb has the common ones, whose values are
 * in struct options.  Wrong usage is FAULT_CONFIG in words that name the
 * option.  Texts are borrowed from argv.
 */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/words.h"

enum options_type {
	OPTIONS_FLAG,	  /* bool */
	OPTIONS_TEXT,	  /* const char *; if given twice, the last one */
	OPTIONS_LIST,	  /* struct words; each time adds one */
	OPTIONS_NUMBER,	  /* int64_t, min to max (0: as large as can be) */
	OPTIONS_DURATION, /* int64_t seconds, min to max: 90s 15m 6h 30d 2w */
	OPTIONS_SIZE,	  /* int64_t bytes, min to max: 500 200K 2M 1G */
};

/* An option of a verb; a table ends with a NULL name. */
struct options_row {
	const char *name; /* without the dashes */
	char letter;	  /* or 0 */
	enum options_type type;
	size_t offset;	      /* of its member in the settings */
	const char *argument; /* what help calls its value: "DIR" */
	const char *help;     /* one short line */
	int64_t min, max;
};

#define OPTIONS_ANY (-1)
#define OPTIONS_ROWS_MAX 24

/* A verb; a table ends with a NULL name. */
struct options_verb {
	const char *name;
	const char *arguments; /* for the synopsis: "FEED SERIAL", or "" */
	const char *summary;   /* one line */
	int min, max;	       /* how many arguments; max: OPTIONS_ANY */
	const struct options_row *rows; /* NULL: none of its own */
	const char *more; /* shown below the options, ends its line; or NULL */
};

/* The common options, and the arguments. */
struct options {
	const char *config;	      /* -c FILE, or NULL */
	bool dry_run;		      /* -n */
	bool json;		      /* --json */
	enum log_verbosity verbosity; /* -q, -v */
	struct words arguments;	      /* without verb and options */
	bool done; /* help or version was printed: nothing else is to be done */
};

#define OPTIONS_INIT \
	{ \
		.arguments = WORDS_INIT \
	}
void options_clear(struct options *o);

/*
 * Find the verb that argv[1] names.  "--help" (or -h) lists the verbs,
 * "--version" says it; *verb is NULL then.
 */
int options_choose(const struct options_verb *verbs, int argc, char *argv[],
    const struct options_verb **verb, struct fault *f)
    __attribute__((warn_unused_result));

/*
 * Read what follows the verb.  Members of settings whose option is missing
 * keep what they hold; lists must be empty before, and are the caller's to
 * clear.
 */
int options_parse(const struct options_verb *verb, int argc, char *argv[],
    void *settings, struct options *o, struct fault *f)
    __attribute__((warn_unused_result));

#endif
