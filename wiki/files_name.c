#include <string.h>
#include <strings.h>

#include "items/name.h"
#include "wiki/files.h"

/*
 * A name's spelling and the longest that is put around it, which is
 * ".txt.~1000000~" behind it.
 */
#define AFFIX_MAX 16

/*
 * Endings by which web servers choose what runs a file.  Some look at each
 * ending of a name, so that "x.php.txt" runs as well.
 */
static bool
is_executed(const char *ending, size_t n)
{
	static const char *const endings[] = { "asa", "ashx", "asmx", "asp",
		"aspx", "bash", "bat", "cer", "cfc", "cfm", "cgi", "cmd", "csh",
		"dll", "exe", "fcgi", "fpl", "htaccess", "htpasswd", "jsp",
		"jspf", "jspx", "jsw", "ksh", "lua", "phar", "php", "phps",
		"pht", "phtml", "pl", "ps1", "py", "pyc", "rb", "sh", "shtm",
		"shtml", "stm", "tcl", "war", "zsh" };
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strlen(endings[i]) == n &&
		    strncasecmp(endings[i], ending, n) == 0)
			return true;
	/* php3, php4, ... */
	return n > 3 && strncasecmp(ending, "php", 3) == 0 &&
	    strspn(ending + 3, "0123456789") >= n - 3;
}

static int
judge_name(const struct files *w, const char *name, struct fault *f)
{
	OWNED_BUF struct buf spelt = BUF_INIT(NAME_SPELT_MAX);
	const char *dot;

	if (*name == '.')
		return fault_set(f, FAULT_FORMAT, "starts with a dot");
	for (dot = strchr(name, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
		if (is_executed(dot + 1, strcspn(dot + 1, ".")))
			return fault_set(f, FAULT_FORMAT,
			    "a web server might execute its file");
	if (name_spell(name, &spelt, f) == -1)
		return -1;
	if (spelt.len + AFFIX_MAX > w->name_max)
		return fault_set(f, FAULT_FORMAT,
		    "is longer than the %zu bytes that a file can have",
		    w->name_max - AFFIX_MAX);
	return 0;
}

int
files_name_judge(const struct files *w, const struct item *item,
    struct fault *f)
{
	bool file = item->kind == ITEM_ATTACHMENT;
	const char *page = file ? item->page : item->name;

	if (judge_name(w, page, f) == -1)
		return fault_within(f, "page name '%s'", page);
	if (!file)
		return 0;
	if (strcasecmp(item->name, "web.config") == 0)
		return fault_set(f, FAULT_FORMAT,
		    "file name '%s': a web server might obey it", item->name);
	if (judge_name(w, item->name, f) == -1)
		return fault_within(f, "file name '%s'", item->name);
	return 0;
}
