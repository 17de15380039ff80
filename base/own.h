/*
 * own.h -- who frees what, written down where the variable is declared.
 *
 *	OWNED_MEM char *name = NULL;	freed when it goes out of scope
 *	OWNED_FD int fd = -1;		closed when it goes out of scope
 *	*out = own_give(&name);		hand it over: name becomes NULL
 *	return own_give_fd(&fd);	the same for a descriptor: becomes -1
 *
 * Always initialise an OWNED variable on the line that declares it.
 */
#ifndef BASE_OWN_H
#define BASE_OWN_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWNED(fn) __attribute__((cleanup(fn)))
#define OWNED_MEM OWNED(own_free_mem)
#define OWNED_FD OWNED(own_close_fd)
#define own_give(p) ((__typeof__(*(p)))own_take_ptr(p))

static inline void *
own_take_ptr(void *p)
{
	void *taken;

	memcpy(&taken, p, sizeof(taken));
	memset(p, 0, sizeof(taken));
	return taken;
}

static inline int
own_give_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static inline void
own_free_mem(void *p)
{
	free(own_take_ptr(p));
}

static inline void
own_close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

#endif
