-- SPDX-License-Identifier: Apache-2.0
-- Patients who were erased by law, and what that took out of frozen cuts.

CREATE TABLE erased_patients (
  site TEXT NOT NULL REFERENCES sites (code),
  patient BLOB NOT NULL CHECK (length(patient) = 16),
  erased_at INTEGER NOT NULL,
  PRIMARY KEY (site, patient)
) STRICT, WITHOUT ROWID;

-- The cut keeps the hash that it was frozen with; its content now has the last hash here.
CREATE TABLE cut_erasures (
  id INTEGER PRIMARY KEY,
  cut TEXT NOT NULL REFERENCES data_cuts (id),
  erased_at INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32)
) STRICT;
