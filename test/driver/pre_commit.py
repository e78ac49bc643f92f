"""Tries the pre-commit hook on a repository made for it.

usage: pre_commit.py HOOK SITE

HOOK is an empty folder with .pre-commit-hooks.yaml, SITE an empty one for the repository that uses the hook. Both
become git repositories. `iptlint` and `pre-commit` must be on PATH.
"""
import os
import subprocess
import sys
from pathlib import Path

SHADOWED = "*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.0.0.0/8 -j ACCEPT\n-A INPUT -s 10.1.2.3/32 -j DROP\nCOMMIT\n"
MENDED = "*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.1.2.3/32 -j DROP\n-A INPUT -s 10.0.0.0/8 -j ACCEPT\nCOMMIT\n"

hook, site = (Path(argument).resolve() for argument in sys.argv[1:])
environment = {
    **os.environ,
    "HOME": str(site.parent),
    "PRE_COMMIT_HOME": str(site.parent / "cache"),
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def run(folder, *command):
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def must(folder, *command):
    done = run(folder, *command)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def commit(rules):
    (site / "gateway.rules").write_text(rules)
    must(site, "git", "add", "-A")
    return run(site, "git", "commit", "-m", "rules")


must(hook, "git", "init", "-q")
must(hook, "git", "add", "-A")
must(hook, "git", "commit", "-q", "-m", "hook")
revision = must(hook, "git", "rev-parse", "HEAD")

must(site, "git", "init", "-q")
(site / ".pre-commit-config.yaml").write_text(f"repos:\n- repo: {hook}\n  rev: {revision}\n  hooks:\n  - id: iptlint\n")
must(site, "pre-commit", "install")

refused = commit(SHADOWED)
said = refused.stdout + refused.stderr
assert refused.returncode != 0, f"a shadowed rule was committed: {said}"
assert "gateway.rules:4:1: error: no packet reaches this DROP rule [shadowed-rule]" in said, said

(site / "notes.txt").write_text("no rules: -A INPUT\n")
accepted = commit(MENDED)
assert accepted.returncode == 0, f"mended rules were refused: {accepted.stdout}{accepted.stderr}"
assert "Passed" in accepted.stdout + accepted.stderr, accepted.stdout + accepted.stderr
