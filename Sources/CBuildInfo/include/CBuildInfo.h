// SPDX-License-Identifier: Apache-2.0
#ifndef LOBULE_CBUILDINFO_H
#define LOBULE_CBUILDINFO_H

// The commit that the programs were built from, as the build said it; "unknown" when it did not.
// The text lives as long as the program.
const char *lobule_build_commit(void);

#endif
