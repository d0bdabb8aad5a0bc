#!/usr/bin/env python3
"""Holds every record that the tests left in the build folder to the JSON Schemas of telex.

usage: validate_records.py --schemas FOLDER --records FOLDER --samples FILE

Checks, beyond the schemas, that mentions and parts say what stands in the record. Where
TELEX_PUBLIC_DATA names the folder of public data, enriched records without `annotations` are also
held to the official ninjs 3.1 schema. Exit code 1: something is not valid, or a schema had no
records to check.
"""

import argparse
import json
import os
import re
import sys
from pathlib import Path

import jsonschema

DATE_TIME = re.compile(
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?"
    r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$")
URI = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+$")

# The formats that the schemas use; the library's own checkers are optional packages.
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date-time")
def is_date_time(value):
    return not isinstance(value, str) or bool(DATE_TIME.match(value))


@FORMATS.checks("uri")
def is_uri(value):
    return not isinstance(value, str) or bool(URI.match(value))


def validator(schema, **options):
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=FORMATS, **options)


def ninjs_validator(public_data):
    """Of the official schema; formats of the publisher's own members are the publisher's business."""
    schema = json.loads((public_data / "ninjs-schema" / "ninjs-schema_3.1.json").read_text("utf-8"))
    geojson = "https://geojson.org/schema/GeoJSON.json"  # Referred to, not part of it.
    store = {geojson: {"$id": geojson}, schema["$id"]: schema}
    resolver = jsonschema.RefResolver.from_schema(schema, store=store)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def at_pointer(record, pointer):
    value = record
    for token in pointer.split("/")[1:]:
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value


def inconsistencies(record):
    """What the annotations say about the text that the text does not bear out."""
    annotations = record["annotations"]
    texts = {}
    for part in annotations["parts"]:
        text = at_pointer(record, part["pointer"])
        texts[part["name"]] = text
        if len(text.encode()) != part["bytes"] or len(text) != part["codePoints"]:
            yield f"part {part['name']}: wrong length"
    for mention in annotations["mentions"]:
        text = texts[mention["part"]]
        by_bytes = text.encode()[mention["begin"]:mention["end"]]
        by_points = text[mention["cpBegin"]:mention["cpEnd"]]
        if by_bytes != mention["surface"].encode() or by_points != mention["surface"]:
            yield f"mention {mention['surface']!r}: its offsets say otherwise"
        if mention["entity"] is not None and mention["entity"] >= len(annotations["entities"]):
            yield f"mention {mention['surface']!r}: no such entity"
    for heading in annotations["headings"]:
        text = texts[heading["part"]]
        by_bytes = text.encode()[heading["begin"]:heading["end"]].decode()
        if by_bytes != text[heading["cpBegin"]:heading["cpEnd"]] or "\n" in by_bytes:
            yield "heading: its offsets disagree"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schemas", type=Path, required=True)
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--samples", type=Path, required=True)
    options = parser.parse_args()
    public_data = os.environ.get("TELEX_PUBLIC_DATA")
    official = ninjs_validator(Path(public_data)) if public_data else None

    problems = []

    def check(where, checker, value):
        for error in checker.iter_errors(value):
            place = "/".join(str(step) for step in error.absolute_path)
            problems.append(f"{where}: /{place}: {error.message[:300]}")

    counts = {}
    for name in ("enriched", "dead_letter", "claim_check"):
        schema = json.loads((options.schemas / f"{name}.schema.json").read_text("utf-8"))
        checker = validator(schema)
        files = sorted((options.records / name).glob("*.json"))
        counts[name] = len(files)
        for file in files:
            record = json.loads(file.read_bytes())
            check(file.name, checker, record)
            if name != "enriched":
                continue
            problems += [f"{file.name}: {problem}" for problem in inconsistencies(record)]
            if official is not None:
                item = {key: value for key, value in record.items() if key != "annotations"}
                check(f"{file.name} (ninjs 3.1)", official, item)

    raw = validator(json.loads((options.schemas / "raw.schema.json").read_text("utf-8")))
    counts["raw"] = 0
    for number, line in enumerate(options.samples.read_bytes().splitlines(), 1):
        try:
            value = json.loads(line.decode("utf-8"))
        except ValueError:
            continue  # The samples hold lines that are broken on purpose.
        counts["raw"] += 1
        check(f"{options.samples.name}:{number}", raw, value)

    for problem in problems[:50]:
        print(problem)
    for name, count in counts.items():
        print(f"{name}: {count} records")
        if count == 0:
            problems.append(name)
    print("ninjs 3.1:", "checked" if official is not None else "not checked (TELEX_PUBLIC_DATA unset)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
