"""Prints the rows of a table of DuckDB as JSON: dump.py FILE TABLE"""

import json
import sys

import duckdb

file, table = sys.argv[1:]
cursor = duckdb.connect(file, read_only=True).execute(f'SELECT * FROM "{table}"')
names = [column[0] for column in cursor.description]
print(json.dumps([dict(zip(names, row)) for row in cursor.fetchall()], default=str))
