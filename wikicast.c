/*
 * wikicast -- the one command for people.
 *
 * It finds the program that knows a verb and becomes it.  The programs stand
 * apart because of what each may hold (keys, network, parsers); this one
 * holds nothing, so that its start costs next to nothing either.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"

struct verb {
	const char *name;
	const char *program; /* what follows "wikicast-" */
	const char *summary;
};

static const struct verb verbs[] = {
	{ "init", "gen", "make a publisher: folder, feed id, key" },
	{ "gen", "gen", "publish what changed" },
	{ "follow", "fetch", "follow a feed by its URL and signer" },
	{ "unfollow", "fetch", "stop following a feed; its pages stay" },
	{ "fetch", "fetch", "bring feeds up to date and install the news" },
	{ "mirror", "fetch", "keep a verified copy of a feed to serve" },
	{ "announce", "fetch", "tell others that there is news" },
	{ "status", "fetch", "show where feeds, mirrors and peers stand" },
	{ "log", "fetch", "show what arrived when, and what became of it" },
	{ "rollback", "fetch", "put shared pages back, and hold there" },
	{ "resume", "fetch", "end a hold" },
	{ "resolve", "fetch", "settle a conflict with a local edit" },
	{ "verify", "verify", "check a folder, a tarball or a wiki, offline" },
	{ "lint", "verify", "check pattern lists" },
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static int
refuse(const char *what, const char *name)
{
	(void)fprintf(stderr, "wikicast: %s%s%s%s; see 'wikicast --help'\n",
	    what, name != NULL ? " '" : "", name != NULL ? name : "",
	    name != NULL ? "'" : "");
	return EXIT_CONFIG;
}

static int
said(void)
{
	if (fflush(stdout) == 0)
		return EXIT_DONE;
	(void)fprintf(stderr, "wikicast: output: %s\n", strerror(errno));
	return EXIT_LOCAL;
}

static int
say_help(void)
{
	size_t i;

	(void)puts("Usage: wikicast VERB [OPTION...] ...\n");
	for (i = 0; i < VERBS; i++)
		(void)printf("  %-9s  %s\n", verbs[i].name, verbs[i].summary);
	(void)puts("\n\"wikicast help VERB\" tells more.");
	return said();
}

static int
say_version(void)
{
	(void)puts("wikicast " WIKICAST_VERSION);
	return said();
}

static const struct verb *
find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/*
 * Does this option take the next word as its value?  Of the options that may
 * stand before a verb only the configuration has one: -c FILE, -qc FILE,
 * --config FILE; but not -cFILE or --config=FILE.
 */
static bool
takes_next(const char *option)
{
	const char *c;

	if (option[1] == '-')
		return strcmp(option, "--config") == 0;
	c = strchr(option, 'c');
	return c != NULL && c[1] == '\0';
}

/* Where the verb stands: the first word that is no option; argc if none is. */
static int
verb_place(int argc, char *argv[])
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++)
		if (takes_next(argv[i]))
			i++;
	return i < argc ? i : argc;
}

static bool
given(int argc, char *argv[], const char *option)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], option) == 0)
			return true;
	return false;
}

static int
without_verb(int argc, char *argv[])
{
	if (given(argc, argv, "--help") || given(argc, argv, "-h"))
		return say_help();
	if (given(argc, argv, "--version"))
		return say_version();
	return refuse("no verb is given", NULL);
}

/* The folder of this program, without the slash; "" if it cannot be told. */
static void
own_folder(char out[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
	char *slash;

	out[n > 0 ? n : 0] = '\0';
	slash = strrchr(out, '/');
	if (slash != NULL)
		*slash = '\0';
}

/*
 * Become the program.  The one that was built or moved together with this
 * one comes first, so that a build tree never runs what is installed.
 * Returns only if there is none.
 */
static int
become(const char *name, char *argv[])
{
	static const char *const beside[] = { "/../libexec/wikicast-",
		"/../libexec/wikicast/wikicast-" };
	char folder[PATH_MAX], path[PATH_MAX + 64];
	size_t i;

	own_folder(folder);
	argv[0] = path;
	for (i = 0; *folder != '\0' && i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s%s%s", folder, beside[i],
		    name);
		(void)execv(path, argv);
		if (errno != ENOENT)
			break;
	}
	if (*folder == '\0' || errno == ENOENT) {
		(void)snprintf(path, sizeof(path), "%s/wikicast-%s",
		    WIKICAST_LIBEXEC, name);
		(void)execv(path, argv);
	}
	(void)fprintf(stderr, "wikicast: cannot run '%s': %s\n", path,
	    strerror(errno));
	return EXIT_LOCAL;
}

int
main(int argc, char *argv[])
{
	int at = verb_place(argc, argv);
	static char help[] = "--help";
	const struct verb *verb;
	char *name;

	if (at == argc)
		return without_verb(argc, argv);
	if (strcmp(argv[at], "help") == 0) {
		if (at + 1 == argc)
			return say_help();
		argv[at] = argv[at + 1];
		argv[at + 1] = help;
	}
	name = argv[at];
	verb = find_verb(name);
	if (verb == NULL)
		return refuse("unknown verb", name);
	/* The programs want their verb first. */
	memmove(argv + 2, argv + 1, (size_t)(at - 1) * sizeof(*argv));
	argv[1] = name;
	return become(verb->program, argv);
}
