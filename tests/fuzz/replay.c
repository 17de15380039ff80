/* Stands in for libFuzzer: run the target once over every file named. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
main(int argc, char *argv[])
{
	static uint8_t bytes[1 << 22];
	int i, seen = 0;

	for (i = 1; i < argc; i++) {
		FILE *fp = fopen(argv[i], "rb");
		uint8_t *exact;
		size_t n;

		if (fp == NULL) {
			perror(argv[i]);
			return 1;
		}
		n = fread(bytes, 1, sizeof(bytes), fp);
		(void)fclose(fp);
		/* Of exactly that size, so that overruns are seen. */
		exact = malloc(n > 0 ? n : 1);
		if (exact == NULL)
			return 1;
		for (size_t k = 0; k < n; k++)
			exact[k] = bytes[k];
		(void)LLVMFuzzerTestOneInput(exact, n);
		free(exact);
		seen++;
	}
	printf("%d inputs\n", seen);
	return seen > 0 ? 0 : 1;
}
