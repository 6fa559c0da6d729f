// SPDX-License-Identifier: Apache-2.0
// Loaded before libsqlite3 by the power-loss check of itself: SQLite then really runs with
// synchronous=NORMAL, while the program's own assertion is told what it wants to hear. The
// programs need no hook for it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

typedef int (*prepare_v2)(void *, const char *, int, void **, const char **);
typedef int (*prepare_v3)(void *, const char *, int, unsigned, void **, const char **);

static const char *weaker(const char *sql, int *length) {
  const char *other = sql;
  if (sql && !strncmp(sql, "PRAGMA synchronous = FULL", 25)) other = "PRAGMA synchronous = NORMAL";
  else if (sql && !strncmp(sql, "PRAGMA synchronous", 18) && !strchr(sql, '=')) other = "SELECT 2";
  if (other != sql) *length = -1;
  return other;
}

int sqlite3_prepare_v2(void *db, const char *sql, int length, void **statement, const char **tail) {
  prepare_v2 next = (prepare_v2)dlsym(RTLD_NEXT, "sqlite3_prepare_v2");
  const char *other = weaker(sql, &length);
  int result = next(db, other, length, statement, tail);
  if (other != sql && tail) *tail = sql + strlen(sql);
  return result;
}

int sqlite3_prepare_v3(
    void *db, const char *sql, int length, unsigned flags, void **statement, const char **tail) {
  prepare_v3 next = (prepare_v3)dlsym(RTLD_NEXT, "sqlite3_prepare_v3");
  const char *other = weaker(sql, &length);
  int result = next(db, other, length, flags, statement, tail);
  if (other != sql && tail) *tail = sql + strlen(sql);
  return result;
}
