"""Looks whether the JSON of json.test is what docs/output.md promises.

usage: json_report.py FILE
"""
import json
import sys

report = json.load(open(sys.argv[1]))
assert list(report) == ["version", "tool", "files", "findings", "summary"]
assert report["version"] == 1 and report["tool"]["name"] == "iptlint" and report["tool"]["version"]
assert report["files"] == [
    {
        "path": "rules",
        "family": 4,
        "form": "save",
        "tables": ["filter"],
        "chains": 2,
        "rules": 5,
        "unmodelled": [{"option": "-m string", "rules": 1}],
    }
]
empty, shadowed, duplicate, unmodelled = report["findings"]
assert [f["check"] for f in report["findings"]] == ["empty-chain", "shadowed-rule", "duplicate-rule", "unmodelled-option"]
assert shadowed == {
    "check": "shadowed-rule",
    "severity": "error",
    "path": "rules",
    "line": 5,
    "column": 1,
    "end_line": 5,
    "end_column": 32,
    "table": "filter",
    "chain": "INPUT",
    "rule": 2,
    "message": "no packet reaches this DROP rule",
    "notes": [
        {
            "path": "rules",
            "line": 4,
            "column": 1,
            "table": "filter",
            "chain": "INPUT",
            "rule": 1,
            "message": "this ACCEPT rule takes its packets first",
        }
    ],
    "witness": None,
    "fix": None,
}
assert (empty["table"], empty["chain"], empty["rule"]) == ("filter", "EMPTY", None)
assert (unmodelled["table"], unmodelled["chain"], unmodelled["rule"]) == (None, None, None)
assert duplicate["fix"] == {"edits": [{"line": 7, "end_line": 7, "text": ""}], "proved": False}
assert report["summary"] == {"error": 1, "warning": 1, "info": 2, "suppressed": 1}
