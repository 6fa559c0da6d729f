-- SPDX-License-Identifier: Apache-2.0
-- Identity values that another device holds otherwise, until a person has decided.

CREATE TABLE vault_differing (
  patient BLOB NOT NULL,
  field TEXT NOT NULL,
  key_version INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (patient, field)
) STRICT, WITHOUT ROWID;
