"""Asks pySigma's SQLite backend about events: NDJSON of {file, event} in, one JSON line out with a verdict for each (null: not converted).

Arguments: `plain` or `alike`. `alike` takes away what SQLite compares in another way than Sigma says: columns have numeric affinity, so
that 3 is "3", and texts outside ASCII are in lower case.
"""

import collections
import json
import re
import sqlite3
import sys

from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection

ALIKE = sys.argv[1] == "alike"
KIND = "NUMERIC COLLATE NOCASE" if ALIKE else "COLLATE NOCASE"


def value_of(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.lower() if ALIKE and isinstance(value, str) and not value.isascii() else value


def verdicts(query, events):
    db = sqlite3.connect(":memory:")
    db.create_function("REGEXP", 2, lambda pattern, value: value is not None and re.search(pattern, str(value)) is not None)
    names = {name.lower(): name for event in events for name in event}
    db.execute("CREATE TABLE logs (_n INTEGER%s)" % "".join(", `%s` %s" % (name, KIND) for name in names.values()))
    for n, event in enumerate(events):
        columns = "".join(", `%s`" % name for name in event)
        db.execute("INSERT INTO logs (_n%s) VALUES (?%s)" % (columns, ", ?" * len(event)), [n, *map(value_of, event.values())])
    while True:
        try:
            hits = {row[0] for row in db.execute(query.replace("SELECT *", "SELECT _n"))}
            return [n in hits for n in range(len(events))]
        except sqlite3.OperationalError as error:
            missing = re.search(r"no such column: (\S+)", str(error))
            if missing is None:
                raise
            db.execute("ALTER TABLE logs ADD COLUMN `%s` %s" % (missing[1], KIND))


asked = [json.loads(line) for line in sys.stdin]
by_file = collections.defaultdict(list)
for n, each in enumerate(asked):
    by_file[each["file"]].append(n)
found = [None] * len(asked)
for file, numbers in by_file.items():
    try:
        with open(file, encoding="utf-8") as text:
            [query] = sqliteBackend().convert(SigmaCollection.from_yaml(text.read()))
    except Exception:
        continue
    for n, verdict in zip(numbers, verdicts(query, [asked[n]["event"] for n in numbers])):
        found[n] = verdict
print(json.dumps(found))
