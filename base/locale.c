#include "base/locale.h"

#include <errno.h>

static locale_t utf8;

int
locale_start(struct fault *f)
{
	if (utf8 != LOCALE_NONE)
		return 0;
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", LOCALE_NONE);
	if (utf8 == LOCALE_NONE)
		return fault_system(f, errno, "locale 'C.UTF-8'");
	return 0;
}

int
locale_enter(locale_t *before, struct fault *f)
{
	if (locale_start(f) == -1)
		return -1;
	*before = uselocale(utf8);
	return 0;
}

void
locale_leave(locale_t *before)
{
	if (*before != LOCALE_NONE)
		(void)uselocale(*before);
}
