/*
 * files.h -- which files a publication consists of, and which of them a wiki
 * needs that is some serials behind: by the programs' own decisions
 * (feeds/ladder.h, feeds/path.h).
 */
#ifndef SIM_FILES_H
#define SIM_FILES_H

#include <stdbool.h>
#include <stdint.h>

#define BEHIND_MAX 16 /* serials */

struct files_need {
	uint8_t history; /* documents */
	uint8_t fresh;	 /* steps that are as new as the feed itself */
	uint8_t old;	 /* steps that were there before */
	uint8_t snapshot;
};

struct files {
	struct files_need by[BEHIND_MAX + 1]; /* how many serials behind */
	struct files_need copy; /* what a whole copy needs of it */
};

/*
 * inside: the step is small and travels inside the feed; snapshot: one is due.
 */
void files_of(int64_t serial, bool inside, bool snapshot, struct files *out);

#endif
