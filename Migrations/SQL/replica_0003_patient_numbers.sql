-- SPDX-License-Identifier: Apache-2.0
-- What a batch of new patients costs no longer depends on how many there are: see ADR 17.

-- Numbered in the order of arrival. Their ids are random, so that no key of this table has them.
CREATE TABLE numbered_patient (
  id INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL REFERENCES log_scope (id),
  patient BLOB NOT NULL CHECK (length(patient) = 16),
  -- Set once a mark of erasure is in the log or pending: the patient has no heads from then on.
  is_erased INTEGER NOT NULL DEFAULT 0 CHECK (is_erased IN (0, 1))
) STRICT;

INSERT INTO numbered_patient (id, scope, patient, is_erased)
  SELECT id, scope, patient, is_erased FROM head_patient;

-- The number of a patient is in one of two tables: the newest, few enough that their pages stay in
-- memory, and the settled ones, to which many of the newest move at a time.
CREATE TABLE head_patient_recent (
  scope INTEGER NOT NULL,
  patient BLOB NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (scope, patient)
) STRICT, WITHOUT ROWID;

CREATE TABLE head_patient_settled (
  scope INTEGER NOT NULL,
  patient BLOB NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY (scope, patient)
) STRICT, WITHOUT ROWID;

INSERT INTO head_patient_recent (scope, patient, id)
  SELECT scope, patient, id FROM head_patient ORDER BY scope, patient;

-- A Bloom filter of the settled ones, in blocks that rise with ids.
CREATE TABLE head_patient_filter (
  block INTEGER PRIMARY KEY,
  bits BLOB NOT NULL CHECK (length(bits) = 4000)
) STRICT;

CREATE TABLE head_patient_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- How many patients are settled, the number that the last of them had, and the filter's blocks.
  settled INTEGER NOT NULL,
  through INTEGER NOT NULL,
  blocks INTEGER NOT NULL
) STRICT;

INSERT INTO head_patient_state (id, settled, through, blocks) VALUES (1, 0, 0, 0);

-- The patients that an author's batches introduced, numbered from 0 along its chain: a run of
-- numbers for a run of rows in head_patient. A run is of one batch.
CREATE TABLE log_introduction (
  replica INTEGER NOT NULL,
  number INTEGER NOT NULL,
  patient INTEGER NOT NULL,
  count INTEGER NOT NULL CHECK (count > 0),
  -- Whether nobody had introduced these patients before; such runs share no patient.
  is_first INTEGER NOT NULL CHECK (is_first IN (0, 1)),
  PRIMARY KEY (replica, number)
) STRICT, WITHOUT ROWID;

INSERT INTO log_introduction (replica, number, patient, count, is_first)
  SELECT replica, number, patient, 1,
    row_number() OVER (PARTITION BY patient ORDER BY replica, number) = 1
  FROM log_introduced;

CREATE INDEX log_introduction_first ON log_introduction (patient) WHERE is_first = 1;

CREATE INDEX log_introduction_repeated ON log_introduction (patient) WHERE is_first = 0;

DROP TABLE log_introduced;
DROP TABLE head_patient;
ALTER TABLE numbered_patient RENAME TO head_patient;

CREATE INDEX head_patient_erased ON head_patient (scope, patient) WHERE is_erased = 1;
