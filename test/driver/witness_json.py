"""Looks whether the JSON of witness.test has the shape that docs/output.md promises.

usage: witness_json.py FILE
"""
import json
import sys

answer = json.load(open(sys.argv[1]))
assert answer["version"] == 1
live, taken, never, marked, opaque, local = answer["rules"]

assert live["status"] == "live" and live["sendable"] is True and "because" not in live
assert (live["table"], live["chain"], live["rule"], live["line"]) == ("filter", "INPUT", 1, 4)
packet = live["witness"]
assert packet["family"] == 4 and packet["src"].startswith("10.") and packet["out"] is None
assert isinstance(packet["proto"], (str, int)) and packet["mark"] == 0 and packet["assume"] == []

assert taken["status"] == "dead" and taken["witness"] is None and taken["sendable"] is False
assert taken["taken_by"] == [{"table": "filter", "chain": "INPUT", "rule": 1, "line": 4}]

assert never["status"] == "dead" and never["taken_by"] == [] and never["because"]
assert marked["witness"]["mark"] == 7 and marked["sendable"] is False and "mark" in marked["because"]
assert [a["matches"] for a in opaque["witness"]["assume"]] == [True] and opaque["sendable"] is False
assert "string" in opaque["witness"]["assume"][0]["option"]
assert local["witness"]["in"] is None and local["sendable"] is False
