/*
 * libweb.h -- web servers for tests: nginx, where it matters what static
 * hosting does, and rogue, where it matters what it never should.
 *
 *	struct web web;
 *	web_rogue(&web, "w", folder);
 *	web_nginx(&web, "w", folder, NULL, "gzip on;");
 *	... web.url is "http://127.0.0.1:PORT/" ...
 *	web_stop(&web);
 *
 * A server ends with the test, whatever becomes of it.  What it writes is
 * below the scratch folder (libscratch.h), in a folder of the given name.
 * What cannot be started fails the test.
 */
#ifndef TESTS_LIBWEB_H
#define TESTS_LIBWEB_H

#include <sys/types.h>

struct web {
	pid_t pid;
	int port;
	char url[64];
	char log[128];	   /* rogue: heads of the requests that it got */
	char control[128]; /* rogue: its control file, not there at first */
};

/* Serve a folder with tests/support/rogue of this build. */
void web_rogue(struct web *web, const char *name, const char *folder);

/*
 * Serve a folder with nginx.  lines stand in its server block.  certificate
 * names one of web_certificate() (NULL: plain http).
 */
void web_nginx(struct web *web, const char *name, const char *folder,
    const char *certificate, const char *lines);

/*
 * Make a self-signed certificate and its key, NAME.crt and NAME.key in the
 * scratch folder, for an address; days from now that it ends, may be negative.
 */
void web_certificate(const char *name, const char *address, int days);

void web_stop(struct web *web);

/* How often a text stands in the log of rogue, which is emptied. */
int web_logged(const struct web *web, const char *text);

/* Run a program with these arguments, NULL at the end; it must succeed. */
void web_run(const char *program, ...);

#endif
