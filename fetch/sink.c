#include "fetch/sink.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/file.h"

int
sink_refuse(struct http_job *job, enum http_answer answer, enum fault_kind kind,
    const char *fmt, ...)
{
	char text[FAULT_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	job->got.answer = answer;
	return fault_set(&job->got.why, kind, "%s", text);
}

int
sink_begin(struct http_job *job, int64_t at)
{
	job->got.began = job->got.size = at;
	if (job->out == -1)
		return 0;
	if (file_cut(job->out, at, &job->got.why) == -1) {
		job->got.answer = HTTP_LOCAL;
		return -1;
	}
	return 0;
}

int
sink_add(struct http_job *job, const void *bytes, size_t n)
{
	if ((uint64_t)n > (uint64_t)(job->max - job->got.size))
		return sink_refuse(job, HTTP_TOO_LARGE, FAULT_LIMIT,
		    "is larger than %lld bytes", (long long)job->max);
	if (job->out != -1 &&
	    file_write(job->out, bytes, n, &job->got.why) == -1) {
		job->got.answer = HTTP_LOCAL;
		return -1;
	}
	job->got.size += (int64_t)n;
	return 0;
}
