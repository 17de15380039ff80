/*
 * tidy.h -- what clang-tidy cannot see in one file at a time: a fault that was
 * set is a -1 that is returned.  Included before each file that it reads.
 */
#include "base/fault.h"

#define fault_set(...) (fault_set(__VA_ARGS__), -1)
#define fault_system(...) (fault_system(__VA_ARGS__), -1)
#define fault_within(...) (fault_within(__VA_ARGS__), -1)
#define fault_memory(f) (fault_memory(f), -1)
