"""Holds the schemas to draft-07 as both validators know it, and the test bodies against them."""
import json
import pathlib
import sys

try:
    from jsonschema import Draft7Validator
except ImportError:
    print("SKIPPED: python3-jsonschema is not installed")
    sys.exit(0)

root = pathlib.Path(sys.argv[1])
# What valijson 1.0 and every draft-07 validator understand alike; newer words would be ignored silently.
KNOWN = {"$schema", "$ref", "title", "type", "required", "properties", "definitions", "anyOf", "enum",
         "items", "additionalProperties", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
         "minItems", "maxItems", "maxProperties"}
problems = []
definitions = {}


def walk(schema, where):
    """Visits every subschema; the names below `properties` and `definitions` are not keywords."""
    for word in set(schema) - KNOWN:
        problems.append(f"{where}: the keyword {word} is not one that both validators know")
    if "$ref" in schema and len(schema) > 1:
        problems.append(f"{where}: $ref has siblings, which are ignored")
    if not schema.get("$ref", "#/definitions/").startswith("#/definitions/"):
        problems.append(f"{where}: $ref leaves the file")
    for group in ("properties", "definitions"):
        for name, below in schema.get(group, {}).items():
            walk(below, f"{where}/{group}/{name}")
    for i, below in enumerate(schema.get("anyOf", [])):
        walk(below, f"{where}/anyOf/{i}")
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            walk(schema[word], f"{where}/{word}")


checked = 0
for file in sorted((root / "schemas/json").glob("*.schema.json")):
    name = file.name[: -len(".schema.json")]
    schema = json.loads(file.read_text())
    Draft7Validator.check_schema(schema)
    walk(schema, name)
    for key, definition in schema.get("definitions", {}).items():
        if definitions.setdefault(key, (name, definition))[1] != definition:
            problems.append(f"{name}: the definition {key} differs from that of {definitions[key][0]}")
    validator = Draft7Validator(schema)
    for body in sorted((root / "tests/data/bodies" / name).glob("*.json")):
        good = body.name.startswith("good-")
        if validator.is_valid(json.loads(body.read_text())) != good:
            problems.append(f"{name}: {'refuses' if good else 'accepts'} {body.name}")
        checked += 1
for problem in problems:
    print(problem)
print(f"{checked} bodies, {len(problems)} problems")
sys.exit(1 if problems or checked == 0 else 0)
