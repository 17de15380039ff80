#include "base/hook.h"

#include <string.h>

#include "base/child.h"
#include "base/file.h"

int
hook_run(int folder, const char *mark, bool news, const struct words *hook,
    const char *const *environment, struct hook_result *result,
    struct fault *f)
{
	OWNED_BUF struct buf was = BUF_INIT(FAULT_TEXT_MAX);
	struct fault ignored = { 0 };
	bool have;

	*result = (struct hook_result){ false, false };
	if (hook->count == 0)
		return 0;
	if (file_read(folder, mark, &was, &have, f) == -1)
		return -1;
	if (!have && !news)
		return 0;
	if (!have && file_replace(folder, mark, "", 0, 0600, f) == -1)
		return -1;
	result->ran = true;
	if (child_hook(hook, environment, 0, f) == 0)
		return file_remove(folder, mark, f);
	result->known = was.len > 0 && strcmp(was.data, f->text) == 0;
	/* What is not remembered is told of again. */
	if (!result->known &&
	    file_replace(folder, mark, f->text, strlen(f->text), 0600,
		&ignored) == -1)
		result->known = false;
	return -1;
}
