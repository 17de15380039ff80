#include "fetch/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/child.h"
#include "base/file.h"

static int
make_file(const struct buf *text, char **path, struct fault *f)
{
	const char *temporary = getenv("TMPDIR");
	OWNED_MEM char *folder = NULL;

	if (temporary == NULL || *temporary != '/')
		temporary = "/tmp";
	if (asprintf(&folder, "%s/wikicast-XXXXXX", temporary) == -1) {
		folder = NULL;
		return fault_memory(f);
	}
	if (mkdtemp(folder) == NULL)
		return fault_system(f, errno, "cannot make folder '%s'",
		    folder);
	if (asprintf(path, "%s/text", folder) == -1) {
		*path = NULL;
		return fault_memory(f);
	}
	return file_replace(AT_FDCWD, *path, text->data, text->len, 0600, f);
}

/* Unlike child_run(): it has our terminal, and a shell, as its users expect. */
static pid_t
start(const char *path)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	(void)execl("/bin/sh", "sh", "-c",
	    "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"", "sh", path, (char *)NULL);
	_exit(127);
}

static int
wait_for(pid_t pid, struct fault *f)
{
	struct child_end end = { .how = CHILD_EXITED };
	char words[CHILD_TEXT];
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return fault_system(f, errno, "the editor");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	end.number = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	end.how = WIFEXITED(status) ? CHILD_EXITED : CHILD_SIGNALED;
	child_text(&end, words);
	return fault_set(f, FAULT_SYSTEM, "the editor: %s; nothing is changed",
	    words);
}

static int
run(const char *path, struct fault *f)
{
	void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
	void (*quit)(int) = signal(SIGQUIT, SIG_IGN);
	pid_t pid = start(path);
	int rc = pid == -1 ? fault_system(f, errno, "cannot start an editor") :
			     wait_for(pid, f);

	(void)signal(SIGINT, interrupt);
	(void)signal(SIGQUIT, quit);
	return rc;
}

int
editor_edit(struct buf *text, char **kept, struct fault *f)
{
	bool have;

	if (make_file(text, kept, f) == -1 || run(*kept, f) == -1)
		return -1;
	buf_reset(text);
	if (file_read(AT_FDCWD, *kept, text, &have, f) == -1)
		return -1;
	return have ? 0 : fault_set(f, FAULT_SYSTEM, "'%s' is gone", *kept);
}

void
editor_forget(const char *kept)
{
	OWNED_MEM char *folder = kept != NULL ? strdup(kept) : NULL;
	char *slash = folder != NULL ? strrchr(folder, '/') : NULL;

	if (slash == NULL)
		return;
	(void)unlink(kept);
	*slash = '\0';
	(void)rmdir(folder);
}
