"""Prints the rows of a table as JSON: dump.py FILE TABLE"""

import json
import sys

file, table = sys.argv[1:]
if file.endswith(".duckdb"):
    import duckdb

    database = duckdb.connect(file, read_only=True)
else:
    import sqlite3

    database = sqlite3.connect(file)
cursor = database.execute(f'SELECT * FROM "{table}"')
names = [column[0] for column in cursor.description]
print(json.dumps([dict(zip(names, row)) for row in cursor.fetchall()], default=str))
