#include "base/map.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

int
map_open(int fd, int64_t at, int64_t n, struct map *m, struct fault *f)
{
	int64_t before = at % sysconf(_SC_PAGESIZE);
	struct stat st;

	if (fstat(fd, &st) == -1)
		return fault_system(f, errno, "cannot read");
	if (at < 0 || n < 0 || at > st.st_size || n > st.st_size - at)
		return fault_set(f, FAULT_SYSTEM,
		    "cannot read: the file ends early");
	*m = (struct map)MAP_NONE;
	m->bytes = "";
	if (n == 0) /* nothing to map, and mmap() refuses it */
		return 0;
	m->start = mmap(NULL, (size_t)(n + before), PROT_READ, MAP_PRIVATE, fd,
	    at - before);
	if (m->start == MAP_FAILED) {
		m->start = NULL;
		return fault_system(f, errno, "cannot map a file");
	}
	m->length = (size_t)(n + before);
	m->bytes = (const char *)m->start + before;
	m->size = (size_t)n;
	return 0;
}

void
map_close(struct map *m)
{
	if (m->start != NULL)
		(void)munmap(m->start, m->length);
	*m = (struct map)MAP_NONE;
}
