-- Everything that identifies a patient. Values are AES-256-GCM boxes; nothing here is in the clear
-- but random patient ids, keyed hashes and the names of fields.

CREATE TABLE vault_meta (
  name TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Each slot wraps the same data key under another secret.
CREATE TABLE vault_slot (
  kind TEXT NOT NULL PRIMARY KEY CHECK (kind IN ('key_file', 'passphrase', 'recovery')),
  key_version INTEGER NOT NULL,
  salt BLOB NOT NULL,
  rounds INTEGER NOT NULL,
  wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- mrn_index is HMAC-SHA256 of the record number under the vault's index key. It is not unique:
-- two devices may have registered one person under two patient ids before they met.
CREATE TABLE vault_patient (
  patient BLOB NOT NULL PRIMARY KEY CHECK (length(patient) = 16),
  mrn_index BLOB NOT NULL CHECK (length(mrn_index) = 32)
) STRICT, WITHOUT ROWID;
CREATE INDEX vault_patient_by_mrn ON vault_patient (mrn_index);

CREATE TABLE vault_field (
  patient BLOB NOT NULL,
  field TEXT NOT NULL,
  key_version INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (patient, field)
) STRICT, WITHOUT ROWID;

-- Earlier values of corrected fields, for the audit.
CREATE TABLE vault_former (
  number INTEGER PRIMARY KEY,
  patient BLOB NOT NULL,
  field TEXT NOT NULL,
  key_version INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;

-- Corrections on which values in the store depend, until the store has committed its part.
CREATE TABLE vault_staged (
  token BLOB NOT NULL CHECK (length(token) = 16),
  patient BLOB NOT NULL,
  field TEXT NOT NULL,
  key_version INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (token, patient, field)
) STRICT, WITHOUT ROWID;
