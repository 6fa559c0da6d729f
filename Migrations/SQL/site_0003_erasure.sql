-- SPDX-License-Identifier: Apache-2.0
-- Patients of whom this device has nothing left but random ids since they were erased by law.

CREATE TABLE site_erasure (
  patient BLOB NOT NULL PRIMARY KEY CHECK (length(patient) = 16),
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The entry that says that this one's details were erased; it also has a hash of what was kept.
ALTER TABLE site_audit ADD COLUMN erased_by INTEGER;
