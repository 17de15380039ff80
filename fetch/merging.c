#include "fetch/merging.h"

#include <stdio.h>
#include <string.h>

#include "items/text.h"

/* ---- the base ---- */

/* Is the text in out, behind what was there, the one that was written? */
static bool
is_base(const struct look *l, const struct buf *out)
{
	struct digest is;

	digest_of(out->data, out->len, &is);
	return digest_equal(&is, &l->record.wrote);
}

/* What an #acl rule made of the feed's text, which is in the shelf. */
static int
make_base(const struct look_at *at, const struct look *l, struct buf *out,
    bool *have, struct fault *f)
{
	const char *const lines[] = { NULL, at->follow->acl_line };
	OWNED_BUF struct buf text = BUF_INIT(ITEM_SIZE_MAX);
	size_t i;

	if (shelf_content_bytes(at->book->shelf, &l->record.feed, &text, f) ==
	    -1)
		return -1;
	for (i = 0; i < 2; i++) {
		buf_reset(out);
		if (text_replace_acl(text.data, text.len, lines[i], out, f) ==
		    -1)
			return -1;
		*have = is_base(l, out);
		if (*have)
			return 0;
	}
	return 0;
}

int
merging_base(const struct look_at *at, const struct look *l, struct buf *out,
    bool *have, struct fault *f)
{
	struct shelf *shelf = at->book->shelf;
	const struct record *r = &l->record;

	*have = false;
	if (!r->have)
		return 0;
	if (shelf_has(shelf, &r->wrote, have, f) == -1)
		return -1;
	if (*have)
		return shelf_content_bytes(shelf, &r->wrote, out, f);
	if (shelf_has(shelf, &r->feed, have, f) == -1 || !*have)
		return *have ? -1 : 0;
	return make_base(at, l, out, have, f);
}

int
merging_keep_base(const struct look_at *at, struct look *l, struct fault *f)
{
	bool list =
	    l->item.kind == ITEM_PATTERNS || l->item.kind == ITEM_INTERWIKI;

	if (!list || l->merged || digest_equal(&l->wrote, &l->item.digest))
		return 0;
	if (look_content(at, l, f) == -1)
		return -1;
	return shelf_keep_bytes(at->book->shelf, &l->wrote, l->content.data,
	    l->content.len, f);
}

/* ---- merging ---- */

void
merging_three(const struct look *l, struct digest *out)
{
	struct digest_run run;

	digest_start(&run);
	digest_more(&run, &l->record.wrote, sizeof(l->record.wrote));
	digest_more(&run, &l->ours_digest, sizeof(l->ours_digest));
	digest_more(&run, &l->wrote, sizeof(l->wrote));
	digest_end(&run, out);
}

/*
 * Lines that went from above a line can make it an #acl line, which counts
 * only at the top.  None may come into force that neither side has there.
 */
static int
check_acl(const struct look_at *at, const struct look *l, const struct buf *got,
    bool *fine, struct fault *f)
{
	OWNED_BUF struct buf ours = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf theirs = BUF_INIT(BUF_ANY);
	OWNED_BUF struct buf now = BUF_INIT(BUF_ANY);

	*fine = at->follow->acl == ACL_ACCEPT || !wiki_has_acl_lines(at->wiki);
	if (*fine)
		return 0;
	if (text_acl(l->ours.data, l->ours.len, &ours, f) == -1 ||
	    text_acl(l->content.data, l->content.len, &theirs, f) == -1 ||
	    text_acl(got->data, got->len, &now, f) == -1)
		return -1;
	*fine = strcmp(now.data, ours.data) == 0 ||
	    strcmp(now.data, theirs.data) == 0;
	return 0;
}

static int
refuse(const struct look *l, const char *why, struct merging *out)
{
	out->answer = MERGING_CONFLICT;
	merging_explain(l, why, out->what, sizeof(out->what));
	return 0;
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void
describe(const struct merge_result *r, enum item_kind kind, struct merging *out)
{
	if (kind != ITEM_PATTERNS && kind != ITEM_INTERWIKI)
		(void)snprintf(out->what, sizeof(out->what),
		    "merged with the local edit");
	else
		(void)snprintf(out->what, sizeof(out->what),
		    "merged with the local edit: %zu %s added and %zu removed "
		    "here",
		    r->added, r->added == 1 ? "line is" : "lines are",
		    r->removed);
}

static int
take_result(const struct look_at *at, struct look *l, struct merge_result *r,
    struct merging *out, struct fault *f)
{
	struct fault why = { 0 };
	struct buf taken;
	bool fine;

	if (r->verdict != MERGE_CLEAN)
		return refuse(l, r->why, out);
	if (check_acl(at, l, &r->text, &fine, f) == -1)
		return -1;
	if (!fine)
		return refuse(l, "an #acl line would come into force", out);
	if (text_check(r->text.data, r->text.len, &why) == -1)
		return refuse(l, why.text, out);
	describe(r, l->item.kind, out);
	out->answer = same(&r->text, &l->ours) ? MERGING_OURS :
	    same(&r->text, &l->content)	       ? MERGING_THEIRS :
						 MERGING_BOTH;
	if (out->answer != MERGING_BOTH)
		return 0;
	taken = l->content;
	l->content = r->text;
	r->text = taken;
	l->merged = true;
	return 0;
}

int
merging_look(const struct look_at *at, const char *path, struct look *l,
    struct merging *out, struct fault *f)
{
	OWNED_BUF struct buf base = BUF_INIT(ITEM_SIZE_MAX + 4096);
	OWNED(merge_result_clear) struct merge_result r = MERGE_RESULT_INIT;
	struct merge_sides sides;
	bool have;

	*out = (struct merging){ .answer = MERGING_CONFLICT };
	merging_three(l, &out->three);
	if (note_was_tried(at->book->db, at->feed->row, path, &out->three,
		&out->known, f) == -1)
		return -1;
	if (out->known)
		return 0;
	if (merging_base(at, l, &base, &have, f) == -1 ||
	    look_content(at, l, f) == -1 || merging_keep_base(at, l, f) == -1)
		return -1;
	if (!have)
		return refuse(l, "what both began with is not known any more",
		    out);
	sides = (struct merge_sides){ .base = { base.data, base.len },
		.ours = { l->ours.data, l->ours.len },
		.theirs = { l->content.data, l->content.len } };
	if (merge_items(l->item.kind, &sides, &r, f) == -1)
		return -1;
	return take_result(at, l, &r, out, f);
}

/* ---- words ---- */

void
merging_explain(const struct look *l, const char *why, char *out, size_t size)
{
	bool file = l->item.kind == ITEM_ATTACHMENT;
	const char *what = !l->theirs ? "edited here and removed by the feed" :
	    !l->have_ours	      ? "deleted here and changed by the feed" :
	    !l->record.have	      ? "was here before the feed brought it" :
	    file		      ? "changed here and by the feed" :
					"edited here and changed by the feed";

	(void)snprintf(out, size, "%s%s%s; %s", what, *why != '\0' ? ": " : "",
	    why,
	    !l->have_ours ? "it stays away" :
		file	  ? "the local file stands" :
			    "the local text stands");
}
