// SPDX-License-Identifier: Apache-2.0
// The floor of saving forms: the cells of forms.csv as plain rows, one transaction a form, in WAL
// mode with synchronous = FULL. Usage: floor FORMS.csv DATABASE
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run(sqlite3 *database, const char *sql) {
  if (sqlite3_exec(database, sql, 0, 0, 0) != SQLITE_OK) {
    fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(database));
    exit(1);
  }
}

// A fixed mix of bits stands for a random 128-bit id.
static uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  FILE *forms = fopen(arguments[1], "r");
  sqlite3 *database;
  if (!forms || sqlite3_open(arguments[2], &database) != SQLITE_OK) return 1;
  run(database, "PRAGMA journal_mode = WAL");
  run(database, "PRAGMA synchronous = FULL");
  run(database, "CREATE TABLE cell (patient BLOB, field INTEGER, counter INTEGER, replica INTEGER,"
                " value, PRIMARY KEY (patient, field, counter, replica)) WITHOUT ROWID");
  sqlite3_stmt *insert, *begin, *commit;
  sqlite3_prepare_v2(database, "INSERT INTO cell VALUES (?, ?, ?, 1, ?)", -1, &insert, 0);
  sqlite3_prepare_v2(database, "BEGIN IMMEDIATE", -1, &begin, 0);
  sqlite3_prepare_v2(database, "COMMIT", -1, &commit, 0);
  char line[1024];
  if (!fgets(line, sizeof line, forms)) return 1;
  for (uint64_t form = 1; fgets(line, sizeof line, forms); form++) {
    uint64_t id[2] = {mix(2 * form), mix(2 * form + 1)};
    line[strcspn(line, "\n")] = 0;
    sqlite3_step(begin);
    sqlite3_reset(begin);
    char *rest = line;
    strsep(&rest, ",");
    for (int field = 0; rest; field++) {
      const char *value = strsep(&rest, ",");
      sqlite3_bind_blob(insert, 1, id, sizeof id, SQLITE_STATIC);
      sqlite3_bind_int(insert, 2, field);
      sqlite3_bind_int64(insert, 3, (sqlite3_int64)form);
      sqlite3_bind_text(insert, 4, value, -1, SQLITE_STATIC);
      if (sqlite3_step(insert) != SQLITE_DONE) return 1;
      sqlite3_reset(insert);
    }
    if (sqlite3_step(commit) != SQLITE_DONE) return 1;
    sqlite3_reset(commit);
  }
  sqlite3_finalize(insert);
  sqlite3_finalize(begin);
  sqlite3_finalize(commit);
  return sqlite3_close(database) == SQLITE_OK ? 0 : 1;
}
