/*
 * events.h -- what is to happen, by time: a heap.  There is one of them.
 */
#ifndef SIM_EVENTS_H
#define SIM_EVENTS_H

#include <stddef.h>
#include <stdint.h>

enum event_kind { TOLD, ANSWERED, FETCH, GOT, POLL };

struct event {
	int64_t at;
	uint32_t wiki, other;
	uint16_t status;
	uint8_t kind;
};

void events_push(int64_t at, enum event_kind kind, uint32_t wiki,
    uint32_t other, uint16_t status);
struct event events_pop(void); /* there is one */
size_t events_count(void);
void events_clear(void);

#endif
