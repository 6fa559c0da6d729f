-- SPDX-License-Identifier: Apache-2.0
-- Patients who were erased by law, and what the log lacks of them.

-- Set once a mark of erasure is in the log or pending: the patient has no heads from then on.
ALTER TABLE head_patient ADD COLUMN is_erased INTEGER NOT NULL DEFAULT 0
  CHECK (is_erased IN (0, 1));

CREATE INDEX head_patient_erased ON head_patient (scope, patient) WHERE is_erased = 1;

-- Of whom the batches in the log that were redacted lack writes.
CREATE TABLE log_redaction (
  batch INTEGER NOT NULL REFERENCES log_batch (id) ON DELETE CASCADE,
  patient INTEGER NOT NULL REFERENCES head_patient (id),
  PRIMARY KEY (batch, patient)
) STRICT, WITHOUT ROWID;
