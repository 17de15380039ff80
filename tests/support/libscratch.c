#include "tests/support/libscratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

char scratch[64];
int scratch_fd = -1;

int
scratch_enter(void **state)
{
	(void)state;
	(void)snprintf(scratch, sizeof(scratch), "/tmp/wcXXXXXX");
	if (mkdtemp(scratch) == NULL)
		return -1;
	scratch_fd = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return scratch_fd == -1 ? -1 : 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type == FTW_DNR)
		(void)chmod(path, 0700);
	return remove(path);
}

int
scratch_leave(void **state)
{
	(void)state;
	if (scratch_fd != -1)
		(void)close(scratch_fd);
	scratch_fd = -1;
	return nftw(scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *
scratch_path(const char *name)
{
	static char paths[4][512];
	static unsigned int turn;
	char *path = paths[turn++ % 4];
	int n = snprintf(path, sizeof(paths[0]), "%s/%s", scratch, name);

	assert_true(n > 0 && (size_t)n < sizeof(paths[0]));
	return path;
}

static void
make_folders(const char *name)
{
	char path[512];
	char *slash;

	(void)snprintf(path, sizeof(path), "%s", scratch_path(name));
	for (slash = path + strlen(scratch) + 1;
	     (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		(void)mkdir(path, 0777);
		*slash = '/';
	}
}

void
scratch_write(const char *name, const char *text)
{
	FILE *fp;

	make_folders(name);
	fp = fopen(scratch_path(name), "wb");
	assert_non_null(fp);
	assert_int_equal(fwrite(text, 1, strlen(text), fp), strlen(text));
	assert_int_equal(fclose(fp), 0);
}

char *
scratch_read(const char *name)
{
	FILE *fp = fopen(scratch_path(name), "rb");
	char *text = calloc(1, 1 << 20);
	size_t n;

	assert_non_null(fp);
	assert_non_null(text);
	n = fread(text, 1, (1 << 20) - 1, fp);
	assert_true(n < (1 << 20) - 1);
	assert_int_equal(fclose(fp), 0);
	return text;
}

size_t
scratch_count(const char *name)
{
	DIR *dir = opendir(scratch_path(name));
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	assert_int_equal(closedir(dir), 0);
	return n - 2;
}
