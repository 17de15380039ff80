#include "tests/sim/events.h"

#include <stdlib.h>

static struct event *heap;
static size_t count, room;

void
events_push(int64_t at, enum event_kind kind, uint32_t wiki, uint32_t other,
    uint16_t status)
{
	size_t i = count++;

	if (i == room) {
		room = room == 0 ? 1024 : 2 * room;
		heap = reallocarray(heap, room, sizeof(*heap));
		if (heap == NULL)
			abort();
	}
	for (; i > 0 && heap[(i - 1) / 2].at > at; i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = (struct event){ .at = at,
		.kind = kind,
		.wiki = wiki,
		.other = other,
		.status = status };
}

struct event
events_pop(void)
{
	struct event top = heap[0], last = heap[--count];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < count) {
		if (child + 1 < count && heap[child + 1].at < heap[child].at)
			child++;
		if (heap[child].at >= last.at)
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = last;
	return top;
}

size_t
events_count(void)
{
	return count;
}

void
events_clear(void)
{
	free(heap);
	heap = NULL;
	count = room = 0;
}
