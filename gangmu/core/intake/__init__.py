"""Import (导入): tables of other systems come in as reports and events, once each.

Comes in: a CSV, XLSX or Parquet file and a profile (data that says what its columns mean). Goes out: reports and
events made by ``core.event``, and a quarantine of the rows that could not be taken, each with field and reason;
``read = accepted + quarantined + already`` always. A row is known by its source and its number there (or its
content), so that a file may be given any number of times.
"""
