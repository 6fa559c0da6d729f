-- SPDX-License-Identifier: Apache-2.0
-- Finds the few rows that link registrations of one patient without a look at all the others.
-- The bytes are the name of the study's link field, as packed rows hold it: same_as.

CREATE INDEX head_row_link ON head_row (patient)
  WHERE event = '' AND reader = '' AND instr(heads, x'73616d655f6173') > 0;
