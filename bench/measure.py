#!/usr/bin/env python3
"""Measures iptlint against the kernel's own tool, in one run, as ratios.

    measure.py --iptlint build/bin/iptlint              the standard sets: acl, kube, nested, examples/k8s-node.rules
    measure.py --iptlint build/bin/iptlint --shapes     the hard call graphs of generators/shapes.py, and a very large file
    measure.py --iptlint build/bin/iptlint --packets    trace and query through a Kubernetes node of 110,000 rules
    measure.py --iptlint build/bin/iptlint FILE...      these

For each file: `iptlint FILE` and `iptables-legacy-restore --test` on it inside a fresh network namespace, one after the
other in every round; the median of each, their ratio, the same ratio of CPU time, and iptlint's peak memory. Needs root for
the namespace. The limits of --shapes are seconds on a machine where the kernel's tool takes 0.42 s for `acl 100000`; they are scaled
by what it takes here, and so is that of query. A trace is compared with reading and printing the same file (`iptlint-opt FILE`).
With --check, exit 1 where a standard set takes longer than it may.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
STANDARD = {"acl": 100000, "kube": 100000, "nested": 10000}
SHAPES = [("wild", 10000, 1), ("wild", 100000, 5), ("nested", 10000, 1), ("series", 10000, 3), ("series", 20000, 10),
          ("dag", 10000, 8), ("sites", 15000, 3), ("levels", 32000, 3), ("diamond", 3200, 3), ("overlap", 100000, 15),
          ("kube", 700000, 12)]  # fmt: skip
REFERENCE_SECONDS = 0.42
TRACE_LIMIT = 2  # times as long as reading
QUERY_LIMIT = 20  # CPU seconds, scaled
PACKET = "http://10.1.140.170:3000/"
RATIO_LIMITS = {"acl": 5, "kube": 2}
MEGABYTES_LIMIT = 400
START_LIMIT_MS = 15
START_ROUNDS = 40
NAMESPACE = f"iptlint-measure-{os.getpid()}"
CAN_RUN = (0, 1, 3)  # iptlint's exit codes for a file that was read


class Run:
    """One run of a command: wall and CPU time in seconds, peak memory in megabytes."""

    def __init__(self, command, standardInput=subprocess.DEVNULL, accepted=(0,)):
        with tempfile.TemporaryFile() as errors:
            begin = time.perf_counter()
            process = subprocess.Popen(command, stdin=standardInput, stdout=subprocess.DEVNULL, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
            self.seconds = time.perf_counter() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in accepted:
                errors.seek(0)
                message = errors.read(2000).decode(errors="replace")
                sys.exit(f"{' '.join(command)}: exit code {process.returncode}\n{message}")
            errors.seek(0)
            self.said = errors.read().decode(errors="replace")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.megabytes = usage.ru_maxrss / 1024  # Linux counts in KiB


def runRestore(file):
    tool = "ip6tables-legacy-restore" if b"ip6tables" in file.read_bytes()[:200] else "iptables-legacy-restore"
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    try:
        with open(file, "rb") as rules:
            return Run(["ip", "netns", "exec", NAMESPACE, tool, "--test"], rules)
    finally:
        subprocess.run(["ip", "netns", "delete", NAMESPACE], check=True)


def median(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


def measure(iptlint, file, rounds):
    """The runs of iptlint and of restore, in interleaved rounds."""
    lint, restore = [], []
    for _ in range(rounds):
        lint.append(Run([iptlint, str(file)], accepted=CAN_RUN))
        restore.append(runRestore(file))
    return lint, restore


def standardFiles(folder):
    for kind, rules in STANDARD.items():
        path = Path(folder) / f"{kind}.rules"
        with open(path, "wb") as file:
            subprocess.run([sys.executable, HERE / "generate.py", kind, str(rules)], stdout=file, check=True)
        yield path
    yield HERE.parent / "examples" / "k8s-node.rules"


def generate(folder, kind, rules):
    path = Path(folder) / f"{kind}-{rules}.rules"
    with open(path, "wb") as file:
        subprocess.run([sys.executable, HERE / "generate.py", kind, str(rules)], stdout=file, check=True)
    return path


def undecided(said):
    """The share of rules that could not be decided, in percent, as the summary line has it."""
    rules, left = re.search(r"\((\d+) rules", said), re.search(r"(\d+) (?:rules? )?undecided", said)
    return 100 * int(left[1]) / int(rules[1]) if left and rules else 0


def slowness(chosen, folder):
    acl = generate(folder, "acl", 100000)
    slower = statistics.median(runRestore(acl).cpu for _ in range(chosen.rounds)) / REFERENCE_SECONDS
    print(f"the kernel's tool takes {slower:.2f} times as long as on the machine that the limits are for")
    return slower


def reportPackets(chosen, folder):
    """Prints what questions about packets cost; the names of those over their limit."""
    slower = slowness(chosen, folder)
    node = str(generate(folder, "kube", 110000))
    network = [f"--{kind}={HERE.parent}/examples/k8s-node.{kind}" for kind in ("routes", "addresses", "bridges")]
    reader = str(Path(chosen.iptlint).with_name("iptlint-opt"))
    reading, trace = [], []
    for _ in range(chosen.rounds):
        reading.append(Run([reader, node]))
        trace.append(Run([chosen.iptlint, "trace", node, *network, PACKET], accepted=CAN_RUN))
    query = Run([chosen.iptlint, "query", node, *network, "--", "-i", "em1"], accepted=CAN_RUN)
    ratio = median(trace, "seconds") / median(reading, "seconds")
    print(f"reading {median(reading, 'seconds'):.3f} s, trace {median(trace, 'seconds'):.3f} s: "
          f"{ratio:.2f} times as long, limit {TRACE_LIMIT}; {max(run.megabytes for run in trace):.0f} MB")
    print(f"query of all packets that come in by em1: {query.seconds:.2f} s, {query.cpu:.2f} CPU s, "
          f"{query.cpu / slower:.2f} scaled, limit {QUERY_LIMIT}; {query.megabytes:.0f} MB")
    return ["trace"] * (ratio > TRACE_LIMIT) + ["query"] * (query.cpu / slower > QUERY_LIMIT)


def reportShapes(chosen, folder):
    """Prints the table of shapes; the names of those over their limit."""
    slower = slowness(chosen, folder)
    print(f"{'shape':16} {'CPU s':>8} {'scaled':>8} {'limit':>6} {'undecided %':>12} {'MB':>6}")
    over = []
    for kind, rules, limit in SHAPES:
        file = generate(folder, kind, rules)
        run = min((Run([chosen.iptlint, str(file)], accepted=CAN_RUN) for _ in range(chosen.rounds)), key=lambda run: run.cpu)
        name = f"{kind} {rules}"
        print(f"{name:16} {run.cpu:8.2f} {run.cpu / slower:8.2f} {limit:6} {undecided(run.said):12.3f} {run.megabytes:6.0f}", flush=True)
        if run.cpu / slower > limit:
            over.append(name)
    return over


def stages(iptlint, file):
    """Stage times as `iptlint --time` prints them; nothing from a build that has no such option."""
    ran = subprocess.run([iptlint, "--time", "--format=text", str(file)], capture_output=True, text=True, errors="replace")
    return ran.stderr.strip() if ran.returncode in CAN_RUN else "no stage times: this iptlint has no --time"


def startUp(iptlint):
    file = str(HERE.parent / "examples" / "k8s-node.rules")
    runs = [Run([iptlint, file], accepted=CAN_RUN).seconds * 1000 for _ in range(START_ROUNDS)]
    return statistics.median(runs), min(runs)


def report(chosen, files):
    """Prints the table; the names of what is over its limit."""
    over = []
    print(f"{'file':24} {'iptlint s':>10} {'restore s':>10} {'ratio':>6} {'limit':>6} {'by CPU':>6} {'MB':>6}")
    for file in files:
        lint, restore = measure(chosen.iptlint, file, chosen.rounds)
        ratio = median(lint, "seconds") / median(restore, "seconds")
        byCpu = median(lint, "cpu") / median(restore, "cpu")
        megabytes = max(run.megabytes for run in lint)
        limit = RATIO_LIMITS.get(file.stem) if not chosen.files else None
        print(f"{file.name:24} {median(lint, 'seconds'):10.3f} {median(restore, 'seconds'):10.3f}"
              f" {ratio:6.2f} {limit or '-':>6} {byCpu:6.2f} {megabytes:6.0f}")
        if limit and (ratio > limit or megabytes > MEGABYTES_LIMIT):
            over.append(file.name)
        if chosen.stages:
            print(stages(chosen.iptlint, file))
    usual, least = startUp(chosen.iptlint)
    print(f"start to finish on examples/k8s-node.rules: {usual:.1f} ms median, {least:.1f} ms least, limit {START_LIMIT_MS}")
    return over + (["examples/k8s-node.rules"] if usual > START_LIMIT_MS else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--iptlint", default="build/bin/iptlint", metavar="PATH")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stages", action="store_true", help="stage times too, where iptlint has --time")
    parser.add_argument("--shapes", action="store_true")
    parser.add_argument("--packets", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("files", nargs="*", type=Path)
    chosen = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("measure.py: needs root, to run iptables-legacy-restore in a network namespace of its own")
    with tempfile.TemporaryDirectory() as folder:
        if chosen.packets:
            over = reportPackets(chosen, folder)
        elif chosen.shapes:
            over = reportShapes(chosen, folder)
        else:
            over = report(chosen, chosen.files or standardFiles(folder))
    print(f"over the limit: {', '.join(over) or 'nothing'}")
    return 1 if chosen.check and over else 0


if __name__ == "__main__":
    sys.exit(main())
