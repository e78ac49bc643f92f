"""Every rule set of the corpus, optimized: proved, or left as it was for a reason; and what the kernel takes, it takes still.

Each file is given to `iptlint optimize`, once as it is, once with --chains=rewrite, once with --goal=speed and once with
--to=ipset, whose sets are loaded before the rules; in how many files there were any is printed. What is
written must be the same when it is optimized again (chains of a tree may be tidied once more), and what `patch` makes of the file with the diff that is printed. A difference found by the proof is a mistake of ours and fails the test. Where
iptables-legacy-restore loads the file, in a namespace of its own, it must load what was written.

Without --full, one file in PART is tried, of those of at most LARGE lines.

usage: optimize.py --iptlint PROGRAM --corpus FOLDER [--full]
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path

from corpus import heldIn, rowsOf, run
from machine import whyNot

LARGE = 1000  # lines
PART = 5
SECONDS = 20  # for the solver, per pair of chains
MINIMUM = 40  # loaded before and after, or little is shown
MODES = ([], ["--chains=rewrite"], ["--goal=speed"], ["--to=ipset"])


def optimized(program, path, family, options):
    """Exit code, what was written or None, the report or None, what was said, whether the diff leads to what was written,
    and what was written of sets."""
    with tempfile.TemporaryDirectory() as folder:
        out, report, sets = Path(folder, "out"), Path(folder, "report"), Path(folder, "sets")
        forSets = ["--sets-out", sets] if "--to=ipset" in options else []
        done = run([program, "optimize", f"--family={family}", f"--timeout={SECONDS}", "--diff", *options, *forSets, "-o", out, "--report", report, str(path)])
        text = out.read_bytes() if out.exists() else None
        said = done.stderr.decode(errors="replace").strip()
        fits = text is None or patched(path, done.stdout, folder) == text
        told = json.loads(report.read_text()) if report.exists() else None
        return done.returncode, text, told, said, fits, sets.read_bytes() if sets.exists() else b""


def patched(path, diff, folder):
    copy = Path(folder, "copy")
    copy.write_bytes(path.read_bytes())
    if diff:
        run(["patch", "--quiet", "--binary", "--fuzz=0", "-p0", str(copy)], diff)
    return copy.read_bytes()


def again(program, text, family, options):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "once")
        path.write_bytes(text)
        return optimized(program, path, family, options)


def objections(program, family, options, code, text, report, said, fits):
    """What is wrong with one run that was not refused for what the file is."""
    if code not in (0, 3):
        return [f"exit code {code}: {said}"]
    if "differently" in said or (report and report["proof"]["result"] == "different"):
        return [said]
    if code == 3:
        return [] if "no proof" in said else [f"exit code 3: {said}"]
    wrong = []
    if not fits:
        wrong.append("patch does not make of the diff what was written")
    code2, text2, _, said2, _, _ = again(program, text, family, options)
    if not report["left_alone"] and (code2 != 0 or (text2 != text and "--goal=speed" not in options)):
        wrong.append(f"optimized again it is another text: {said2}")
    return wrong


def tried(work):
    program, path, family, options = work
    began = time.monotonic()
    code, text, report, said, fits, sets = optimized(program, path, family, options)
    result = {"path": path, "options": options, "seconds": time.monotonic() - began, "wrong": [], "loaded": False, "code": code,
              "said": said, "report": report}
    if code == 2:
        return result
    result["wrong"] = objections(program, family, options, code, text, report, said, fits)
    if text is not None and heldIn(path.read_bytes(), family, "legacy") is not None:
        result["loaded"] = True
        if heldIn(text, family, "legacy", sets) is None:
            result["wrong"].append("the kernel takes the file, and not what was written")
        if sets and heldIn(path.read_bytes(), family, "nft") is not None and heldIn(text, family, "nft", sets) is None:
            result["wrong"].append("iptables-nft takes the file, and not what was written")
    return result


def figures(results, name):
    reports = [result["report"] for result in results if result["code"] == 0]
    before = sum(report["before"]["rules"] for report in reports)
    after = sum(report["after"]["rules"] for report in reports)
    chains = sum(report["before"]["chains"] - report["after"]["chains"] for report in reports)
    alone = [result for result in results if result["report"] and result["report"]["left_alone"]]
    whole = [result for result in alone if result["report"]["before"] == result["report"]["after"]]
    slowest = max(results, key=lambda result: result["seconds"])
    print(f"{name}: {len(results)} files, {len(reports)} proved, {sum(r['code'] == 2 for r in results)} refused as not readable "
          f"in whole or fragments, {sum(r['code'] == 3 for r in results)} without proof; rules {before} -> {after}, {chains} chains fewer; "
          f"{len(alone)} with chains left alone, {len(whole)} of them whole; {sum(r['loaded'] for r in results)} loaded before and after; "
          f"{sum(r['seconds'] for r in results):.0f} s, the slowest {slowest['seconds']:.1f} s ({os.path.basename(slowest['path'])})")
    if withSets := [len(report["sets"]) for report in reports if report["sets"]]:
        print(f"  sets in {len(withSets)} of {len(reports)} files, {sum(withSets)} of them")
    for result in alone + [result for result in results if result["code"] == 3]:
        reasons = {left["why"] for left in (result["report"] or {}).get("left_alone", [])} or {result["said"]}
        print(f"  left alone: {result['path'].name}: {'; '.join(sorted(reasons))[:200]}")
    return len(whole)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--iptlint", required=True)
    arguments.add_argument("--corpus", type=Path, required=True)
    arguments.add_argument("--full", action="store_true")
    options = arguments.parse_args()
    if reason := whyNot() or (None if (options.corpus / "INDEX.tsv").exists() else "no corpus"):
        print(f"skipped: {reason}")
        return 77
    rows, _ = rowsOf(options.corpus, None if options.full else LARGE)
    if not options.full:
        rows = rows[::PART]
    work = [(options.iptlint, options.corpus / row["path"], 6 if row["kind"] == "save6" else 4, mode) for mode in MODES for row in rows]
    with multiprocessing.Pool(2) as pool:
        results = pool.map(tried, work, chunksize=1)
    bad = [result for result in results if result["wrong"]]
    for result in bad:
        print(f"{os.path.relpath(result['path'], options.corpus)} {' '.join(result['options'])}: {'; '.join(result['wrong'])}")
    for mode in MODES:
        mine = [result for result in results if result["options"] == mode]
        whole = figures(mine, " ".join(["optimize", *mode]))
        loaded = sum(result["loaded"] for result in mine)
        if loaded < MINIMUM or whole > loaded * 0.05:
            print(f"too few were loaded ({loaded}, at least {MINIMUM}) or too many left alone as a whole ({whole})")
            return 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
