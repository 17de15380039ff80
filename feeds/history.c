#include "feeds/history.h"

#include <string.h>

#include "base/num.h"
#include "feeds/pieces.h"

void
history_init(struct history *h)
{
	*h = (struct history){ 0 };
}

void
history_clear(struct history *h)
{
	size_t i;

	for (i = 0; i < h->row_count; i++)
		free(h->rows[i].steps);
	free(h->rows);
	free(h->skips);
	history_init(h);
}

int64_t
history_number(int64_t serial)
{
	return (serial - 1) / HISTORY_SERIALS + 1;
}

size_t
history_targets(int64_t number, int64_t out[64])
{
	size_t count = 0;
	int64_t i;

	if (number <= 1)
		return 0;
	out[count++] = number - 1;
	for (i = 2; i < number && number % i == 0; i *= 2)
		out[count++] = number - i;
	return count;
}

int
history_add_skip(struct history *h, const struct history_skip *skip,
    struct fault *f)
{
	struct history_skip *more =
	    reallocarray(h->skips, h->skip_count + 1, sizeof(*more));

	if (more == NULL)
		return fault_memory(f);
	h->skips = more;
	more[h->skip_count++] = *skip;
	return 0;
}

int
history_add_row(struct history *h, int64_t serial, const struct digest *state,
    struct history_row **row, struct fault *f)
{
	struct history_row *more =
	    reallocarray(h->rows, h->row_count + 1, sizeof(*more));

	if (more == NULL)
		return fault_memory(f);
	h->rows = more;
	*row = &more[h->row_count++];
	**row = (struct history_row){ .serial = serial, .state = *state };
	return 0;
}

int
history_add_step(struct history_row *row, const struct feed_file *step,
    struct fault *f)
{
	struct feed_file *more =
	    reallocarray(row->steps, row->step_count + 1, sizeof(*more));

	if (more == NULL)
		return fault_memory(f);
	row->steps = more;
	more[row->step_count] = *step;
	more[row->step_count].present = true;
	more[row->step_count++].serial = row->serial;
	return 0;
}

/* ---- is it all right? ---- */

static int
check_skips(const struct history *h, struct fault *f)
{
	int64_t above = h->number;
	size_t i;

	for (i = 0; i < h->skip_count; i++) {
		const struct history_skip *skip = &h->skips[i];

		if (skip->to < 1 || skip->to >= above)
			return fault_set(f, FAULT_FORMAT,
			    "skip to document %lld, which is not below %lld",
			    (long long)skip->to, (long long)above);
		if (skip->length < 1 || skip->length > HISTORY_MAX)
			return fault_set(f, FAULT_FORMAT,
			    "skip to document %lld: its length is out of "
			    "range",
			    (long long)skip->to);
		above = skip->to;
	}
	return 0;
}

static int
check_pieces(const struct feed_file *snapshot, struct fault *f)
{
	int64_t want = pieces_table_length(snapshot->length);

	if (snapshot->pieces_length == 0 || snapshot->pieces_length == want)
		return 0;
	return fault_set(f, FAULT_FORMAT,
	    "snapshot: a piece table of %lld "
	    "bytes, not of %lld",
	    (long long)snapshot->pieces_length, (long long)want);
}

static int
check_row(const struct history_row *row, struct fault *f)
{
	int64_t above = row->serial;
	size_t i;

	for (i = 0; i < row->step_count; i++) {
		const struct feed_file *step = &row->steps[i];

		if (step->from < 1 || step->from >= above)
			return fault_set(f, FAULT_FORMAT,
			    "step from serial %lld, which is not below %lld",
			    (long long)step->from, (long long)above);
		if (feed_file_check(step, "step", f) == -1)
			return -1;
		above = step->from;
	}
	if (!row->snapshot.present)
		return 0;
	if (row->snapshot.serial != row->serial)
		return fault_set(f, FAULT_FORMAT, "a snapshot of serial %lld",
		    (long long)row->snapshot.serial);
	if (feed_file_check(&row->snapshot, "snapshot", f) == -1)
		return -1;
	return check_pieces(&row->snapshot, f);
}

int
history_check(const struct history *h, struct fault *f)
{
	int64_t last = 0;
	size_t i;

	if (!feed_id_valid(h->feed))
		return fault_set(f, FAULT_FORMAT, "'%.45s' is not a feed id",
		    h->feed);
	if (h->number < 1 || h->number > history_number(NUM_MAX))
		return fault_set(f, FAULT_FORMAT, "number %lld",
		    (long long)h->number);
	if (check_skips(h, f) == -1)
		return -1;
	for (i = 0; i < h->row_count; i++) {
		const struct history_row *row = &h->rows[i];

		if (row->serial < 1 || history_number(row->serial) != h->number)
			return fault_set(f, FAULT_FORMAT,
			    "serial %lld does not belong there",
			    (long long)row->serial);
		if (row->serial <= last)
			return fault_set(f, FAULT_FORMAT,
			    "serial %lld comes after %lld",
			    (long long)row->serial, (long long)last);
		if (check_row(row, f) == -1)
			return fault_within(f, "serial %lld",
			    (long long)row->serial);
		last = row->serial;
	}
	return 0;
}
