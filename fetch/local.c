#include "fetch/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own.h"
#include "fetch/sink.h"

/* Open what must be a regular file, without waiting for anything. */
static int
open_file(struct http_job *job, const char *path, struct stat *st)
{
	OWNED_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return sink_refuse(job, HTTP_GONE, FAULT_NETWORK,
		    "there is no such file");
	if (fd == -1 || fstat(fd, st) == -1)
		return sink_refuse(job, HTTP_NETWORK, FAULT_NETWORK,
		    "cannot open: %s", strerror(errno));
	if (!S_ISREG(st->st_mode))
		return sink_refuse(job, HTTP_REFUSED, FAULT_NETWORK,
		    "is not a regular file");
	return own_give_fd(&fd);
}

/* Copy from where the sink stands to the end, of the part or of the file. */
static void
copy(struct http_job *job, int in)
{
	char block[65536];

	for (;;) {
		int64_t left = job->max - job->got.size;
		size_t want = job->whole > 0 && left < (int64_t)sizeof(block) ?
		    (size_t)left :
		    sizeof(block);
		ssize_t n = pread(in, block, want, job->part + job->got.size);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			(void)sink_refuse(job, HTTP_NETWORK, FAULT_NETWORK,
			    "cannot read: %s", strerror(errno));
		if (n <= 0 || sink_add(job, block, (size_t)n) == -1)
			return;
		job->got.received += n;
	}
}

void
local_get(struct http_job *job, const char *path)
{
	struct http_result *got = &job->got;
	struct stat st = { 0 };
	OWNED_FD int fd = open_file(job, path, &st);
	int64_t start = job->start;

	if (fd == -1)
		return;
	(void)snprintf(got->etag, sizeof(got->etag), "\"%llx.%lx-%llx-%llx\"",
	    (unsigned long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
	    (unsigned long long)st.st_size, (unsigned long long)st.st_ino);
	if (job->etag != NULL && strcmp(job->etag, got->etag) == 0) {
		got->answer = HTTP_UNCHANGED;
		return;
	}
	if (job->whole > 0 && job->whole != st.st_size) {
		(void)sink_refuse(job, HTTP_REFUSED, FAULT_FORMAT,
		    "is %lld "
		    "bytes long, not %lld as signed",
		    (long long)st.st_size, (long long)job->whole);
		return;
	}
	if (start > st.st_size ||
	    (job->if_range != NULL && *job->if_range != '\0' &&
		strcmp(job->if_range, got->etag) != 0))
		start = 0;
	if (sink_begin(job, start) == -1)
		return;
	copy(job, fd);
	if (got->answer == HTTP_NONE)
		got->answer = start > 0 ? HTTP_PARTIAL : HTTP_OK;
}
