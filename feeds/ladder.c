#include "feeds/ladder.h"

size_t
ladder_steps(int64_t n, int64_t oldest, int64_t out[LADDER_MAX + 1])
{
	size_t count = 0;
	int64_t length = 1;
	int j;

	if (oldest < 1) /* nothing leads from the empty state */
		oldest = 1;
	for (j = 0; j <= LADDER_MAX; j++) {
		if (n % length != 0 || n - length < oldest)
			break;
		out[count++] = n - length;
		length *= 2;
	}
	return count;
}

size_t
ladder_states(int64_t n, int64_t out[LADDER_MAX + 1])
{
	size_t count = 0;
	int64_t length = 1, state;
	int j;

	for (j = 0; j <= LADDER_MAX; j++, length *= 2) {
		state = n - n % length;
		if (state > 0 && (count == 0 || out[count - 1] != state))
			out[count++] = state;
	}
	return count;
}

bool
ladder_keeps(int64_t length, int64_t path_length)
{
	return length <= LADDER_ALWAYS || 4 * length <= 3 * path_length;
}

bool
ladder_snapshot_due(int64_t n, int64_t last, int64_t last_length, int64_t since,
    bool jumped)
{
	if (last == 0 || jumped || n - last >= SNAPSHOT_EVERY)
		return true;
	return since > SNAPSHOT_ALWAYS && 4 * since > last_length;
}
