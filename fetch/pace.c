#include "fetch/pace.h"

void
pace_spend(struct pace *p, int64_t bytes)
{
	p->spent += bytes;
}

int64_t
pace_wait(struct pace *p, int64_t now)
{
	int64_t paid;

	if (p->rate == 0)
		return 0;
	paid = p->since + p->spent * 1000 / p->rate;
	if (paid > now)
		return paid - now;
	if (paid < now - 1000) {
		p->since = now;
		p->spent = 0;
	}
	return 0;
}
