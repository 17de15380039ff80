#include "wiki/moin_write.h"

#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "items/limits.h"

/* The underlay is where the configuration says, or beside the data. */
static int
open_underlay(struct moin *m, const char *given, struct fault *f)
{
	m->underlay = given == NULL ? openat(m->data, "../underlay/pages",
					  O_RDONLY | O_DIRECTORY | O_CLOEXEC) :
				      -1;
	if (given == NULL)
		return 0;
	m->underlay = open(given, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->underlay != -1) {
		OWNED_FD int folder = own_give_fd(&m->underlay);

		m->underlay =
		    openat(folder, "pages", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (m->underlay == -1)
		return fault_system(f, errno, "underlay '%s'", given);
	return 0;
}

static void
close_wiki(struct wiki *w)
{
	struct moin *m = moin_of(w);
	size_t i;

	moin_disk_mask_back(m);
	own_close_fd(&m->data);
	own_close_fd(&m->pages);
	own_close_fd(&m->underlay);
	own_close_fd(&m->log);
	for (i = 0; i < m->arena_count; i++)
		own_close_fd(&m->arenas[i]);
	moin_user_free(m->users);
	free(m);
}

static int
open_folders(struct moin *m, const char *place,
    const struct wiki_options *options, struct fault *f)
{
	if (file_open_folder(AT_FDCWD, place, &m->data, f) == -1)
		return -1;
	m->pages = openat(m->data, "pages", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->pages == -1)
		return fault_system(f, errno,
		    "not a MoinMoin data folder: folder 'pages'");
	return open_underlay(m, options == NULL ? NULL : options->underlay, f);
}

static int
open_wiki(const char *place, const struct wiki_options *options,
    struct wiki **out, struct fault *f)
{
	struct moin *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return fault_memory(f);
	m->data = m->pages = m->underlay = m->log = -1;
	if (open_folders(m, place, options, f) == -1) {
		close_wiki(&m->wiki);
		return -1;
	}
	*out = &m->wiki;
	return 0;
}

static int
can_hold(struct wiki *w, const struct item *item, struct fault *f)
{
	(void)w;
	if (item->kind != ITEM_ATTACHMENT)
		return moin_name_check_page(item->name, f);
	if (moin_name_check_page(item->page, f) == -1)
		return -1;
	return moin_name_check_file(item->name, f);
}

const struct wiki_engine wiki_moin = {
	.name = "moin",
	.open = open_wiki,
	.close = close_wiki,
	.walk_open = moin_walk_open,
	.walk_next = moin_walk_next,
	.walk_same = moin_walk_same,
	.walk_close = moin_walk_close,
	.read = moin_read,
	.revision = moin_revision,
	.can_hold = can_hold,
	.has_power = moin_has_power,
	.has_acl_lines = true,
	.keeps_files = false,
	.begin = moin_begin,
	.hold_off = moin_hold_off,
	.intend = moin_intend,
	.carry_out = moin_carry_out,
	.finish = moin_finish,
};
