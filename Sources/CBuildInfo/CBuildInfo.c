// SPDX-License-Identifier: Apache-2.0
#include "CBuildInfo.h"

// Only this file is compiled anew when the commit changes.
const char *lobule_build_commit(void) { return LOBULE_COMMIT; }
