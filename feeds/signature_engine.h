/*
 * signature_engine.h -- one GPGME context over one OpenPGP home; only for the
 * signature_*.c files.
 *
 *	OWNED_ENGINE struct signature_engine e = SIGNATURE_ENGINE_INIT;
 *	if (signature_engine_open(&e, home, ENGINE_QUIET, f) == -1) ...
 *	... gpgme_op_...(e.context, ...) ...
 *
 * While it is open, the environment of this process, and so of gpg, says
 * where the home is.  gpgme_ctx_set_engine_info() would do the same, but runs
 * "gpg --version" once more for each context, a third of a verification.  So
 * only one engine is open at a time, and no thread may read the environment
 * meanwhile.
 */
#ifndef FEEDS_SIGNATURE_ENGINE_H
#define FEEDS_SIGNATURE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct gpgme_context;
struct gpgme_data;

struct signature_variable { /* of the environment, to be put back */
	bool changed;
	char *before; /* owned; NULL if it was not set */
};

struct signature_engine {
	struct gpgme_context *context;
	struct signature_variable home;
	struct signature_variable locale;
};

#define SIGNATURE_ENGINE_INIT \
	{ \
		NULL, { false, NULL }, \
		{ \
			false, NULL \
		} \
	}
#define OWNED_ENGINE OWNED(signature_engine_close)

enum signature_engine_use {
	ENGINE_QUIET,  /* nobody is asked anything, no text is shown: gpg need
			 not load this locale's tables, and stays offline */
	ENGINE_ASKING, /* gpg-agent may ask for a passphrase, if there is a
			  terminal; without one it is an error at once */
};

/* The home must be an existing folder. */
int signature_engine_open(struct signature_engine *e, const char *home,
    enum signature_engine_use use, struct fault *f)
    __attribute__((warn_unused_result));
void signature_engine_close(struct signature_engine *e);

/* A GPGME error in words, behind what failed.  Always -1. */
int signature_engine_fault(struct fault *f, unsigned error, const char *what);

/* Bytes as gpgme sees them, without a copy: they must outlive it. */
int signature_engine_bytes(const void *bytes, size_t n, struct gpgme_data **out,
    struct fault *f) __attribute__((warn_unused_result));
/* A file from its start; it must stay open. */
int signature_engine_file(int fd, struct gpgme_data **out, struct fault *f)
    __attribute__((warn_unused_result));
/* Empty, to be written by gpgme. */
int signature_engine_empty(struct gpgme_data **out, struct fault *f)
    __attribute__((warn_unused_result));
/* Add what gpgme wrote to a buffer. */
int signature_engine_take(struct gpgme_data *data, struct buf *out,
    struct fault *f) __attribute__((warn_unused_result));

#define OWNED_DATA OWNED(signature_engine_data_free)
void signature_engine_data_free(struct gpgme_data **data);

/* signature_home_make() with more lines in its gpg.conf. */
int signature_home_write(const char *home, const char *more,
    const void *keyring, size_t n, struct fault *f)
    __attribute__((warn_unused_result));

#endif
