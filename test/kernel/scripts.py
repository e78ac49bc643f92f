"""Runs scripts of iptables commands for real, in network namespaces, and compares what they leave with --to=save.

What the script leaves is saved by iptables-legacy-save; what `iptlint-opt --to=save` prints for it is loaded in another
namespace and saved there. Both must be the same. The scripts are those below and, where the corpus is there, those of its
scripts that consist of nothing but plain iptables commands; they find no other program than iptables.

- No script is left out, but those with rules that --to=save says are not known.
- A `syntax` error in a script means that iptables refuses a command of it as well.

usage: scripts.py --iptlint-opt PROGRAM [--corpus FOLDER]"""

import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
PLAIN = re.compile(r"(ip6?tables [^`$|&;<>()]*|)$")  # quotes may hold anything else, but plain lines need none of it
MINIMUM = 60  # of the corpus

OURS = {
    "delete by rule and number": """
iptables -A INPUT -p tcp --dport 80 -j ACCEPT
iptables -A INPUT -s 10.0.0.0/255.0.0.0 -j ACCEPT
iptables -A INPUT -s 10.0.0.0/8 -j DROP
iptables -A INPUT -s 10.0.0.0/8 -j ACCEPT
iptables -D INPUT -p 6 -m tcp --dport http -j ACCEPT
iptables -D INPUT -s 10.1.2.3/8 -j ACCEPT
iptables -D INPUT 2
iptables -D INPUT 7
""",
    "delete is by the whole rule": """
iptables -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
iptables -A INPUT -p tcp -m tcp --dport 80 -m comment --comment x -j ACCEPT
iptables -A INPUT -m conntrack --ctstate NEW -p tcp --dport 1 -j ACCEPT
iptables -D INPUT -p tcp --dport 80 -m comment --comment x -j ACCEPT
iptables -D INPUT -p tcp --dport 80 -j DROP
iptables -D INPUT -p tcp -m tcp --dport 1 -m conntrack --ctstate NEW -j ACCEPT
iptables -D INPUT -m conntrack --ctstate NEW -p tcp --dport 1 -j ACCEPT
""",
    "insert and replace": """
iptables -I INPUT -j LOG
iptables -I INPUT 2 -j ACCEPT
iptables -I INPUT 4 -j DROP
iptables -I INPUT 3 -j DROP
iptables -R INPUT 1 -j LOG --log-prefix "a b"
iptables -R INPUT 9 -j DROP
""",
    "chains": """
iptables -N A
iptables -N A
iptables -N B
iptables -A A -j B
iptables -A A -j C
iptables -N C
iptables -A INPUT -j A
iptables -X B
iptables -X
iptables -E A Z
iptables -E Z B
iptables -F B
iptables -F NONE
iptables -X INPUT
iptables -A Z -g C
""",
    "jump before the chain": """
iptables -A INPUT -j LATE
iptables -A LATE -j ACCEPT
iptables -N LATE
iptables -A LATE -j DROP
""",
    "policies and tables": """
iptables -P INPUT DROP
iptables -P FORWARD ACCEPT
iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
iptables -A PREROUTING -t raw -j CT --notrack
iptables --table mangle --append FORWARD --protocol tcp --tcp-flags SYN,RST SYN --jump TCPMSS --clamp-mss-to-pmtu
iptables -P NONE DROP
ip6tables -P INPUT DROP
ip6tables -A INPUT -p icmpv6 -j ACCEPT
""",
    "flush": """
iptables -P INPUT DROP
iptables -A INPUT -j ACCEPT
iptables -A OUTPUT -j ACCEPT
iptables -t nat -A OUTPUT -j ACCEPT
iptables -F INPUT
iptables -A INPUT -j LOG
iptables -Z
iptables -t nat -F
iptables -N E
iptables -X E
""",
    "check": """
iptables -A INPUT -s 10.0.0.1 -j ACCEPT
iptables -C INPUT -s 10.0.0.1/32 -j ACCEPT || iptables -A INPUT -j LOG
iptables -C INPUT -s 10.0.0.2 -j ACCEPT 2>/dev/null || iptables -A INPUT -s 10.0.0.2 -j ACCEPT
iptables -C INPUT -j DROP && iptables -A INPUT -j DROP
if ! iptables -C OUTPUT -j DROP; then iptables -A OUTPUT -j DROP; else iptables -F; fi
iptables -N X && iptables -A X -j ACCEPT
iptables -N X && iptables -A X -j DROP
iptables -D INPUT -j QUEUE || true
""",
    "loops and variables": """
IPT="iptables -w 2"
NETS="10.0.0.0/8 172.16.0.0/12"; export NETS
for net in $NETS 192.168.0.0/16; do
  for port in 22 "80"; do
    $IPT -A INPUT -s "${net}" -p tcp \\
      --dport $port -j ACCEPT   # all of them
  done
done
A='x y'
$IPT -A INPUT -m comment --comment "$A \\"z\\" \\$A" -j ACCEPT
$IPT -A INPUT -m comment --comment '$A'"b" -j ACCEPT
EMPTY=
$IPT -A INPUT $EMPTY -j LOG
$IPT -A INPUT -m comment --comment "$EMPTY${A:-b}" -j LOG
""",
    "functions and conditions": """
open() {
  iptables -A INPUT -p $1 --dport $2 -j ACCEPT
}
function close { iptables -A INPUT -p "$1" --dport "$2" -j DROP; }
open tcp 22
close udp 53
MODE=strict
if [ "$MODE" = strict ]; then iptables -P INPUT DROP; elif [ -n "$MODE" ]; then iptables -F; else iptables -X; fi
[ "$MODE" != strict ] && iptables -F
[ -z "" ] && { iptables -A OUTPUT -j ACCEPT; iptables -A OUTPUT -j DROP; }
(MODE=lax; iptables -A FORWARD -j DROP)
[ $MODE = strict ] || iptables -F
""",
    "here-documents": """
iptables -A INPUT -j DROP
iptables -t nat -A OUTPUT -j ACCEPT
iptables -N OLD
PORT=443
iptables-restore <<EOF
*filter
:INPUT DROP [0:0]
:NEW - [0:0]
-A NEW -p tcp --dport $PORT -j ACCEPT
-A INPUT -j NEW
COMMIT
EOF
cat <<'END' | iptables-restore -n
*filter
:NEW - [0:0]
-A NEW -m comment --comment "$PORT" -j LOG
-I INPUT 1 -j ACCEPT
-D INPUT -j NEW
COMMIT
END
iptables -A NEW -j DROP
""",
    "course": """
iptables -F; iptables -X
iptables -P INPUT DROP; iptables -P FORWARD DROP; iptables -P OUTPUT ACCEPT
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
iptables -A INPUT -p icmp --icmp-type echo-request -m limit --limit 1/s --limit-burst 4 -j ACCEPT
iptables -A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT
iptables -A INPUT -p tcp --dport 22 -m recent --name ssh --set
iptables -A INPUT -p tcp --dport 22 -m recent --name ssh --update --seconds 60 --hitcount 4 -j DROP
iptables -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -m comment --comment "log in" -j ACCEPT
iptables -A OUTPUT -m owner --uid-owner 33 -j REJECT
iptables -A OUTPUT -m string --algo bm --string "GET /x" -j DROP
iptables -A INPUT -j LOG --log-prefix "no: " --log-level 4
iptables -A INPUT -j REJECT --reject-with icmp-host-prohibited
iptables -D INPUT 4
iptables -D OUTPUT -m owner --uid-owner 33 -j REJECT
iptables -R INPUT 1 -i lo+ -j ACCEPT
""",
}

SAVE = "/usr/sbin/iptables-legacy-save; echo =6=; /usr/sbin/ip6tables-legacy-save"


def programs(folder):
    """A folder with iptables and what the scripts above pipe into it, and nothing else."""
    for name in ("iptables", "ip6tables", "iptables-restore", "ip6tables-restore"):
        legacy = name.replace("tables", "tables-legacy")
        (folder / name).write_text(f'#!/bin/sh\nexec /usr/sbin/{legacy} "$@"\n')
    (folder / "cat").write_text("#!/bin/sh\nexec /bin/cat\n")
    for name in folder.iterdir():
        name.chmod(0o755)


def inNamespace(command, *arguments):
    ran = subprocess.run(["unshare", "-n", "/bin/bash", "-c", command, "bash", *map(str, arguments)], capture_output=True,
                         text=True, errors="replace", check=False)
    return ran.stdout, ran.stderr


def tables(saved):
    """What was saved, but for comments, counters, and tables in which there is nothing."""
    found = {}
    for family, text in zip((4, 6), saved.split("=6=\n")):
        name = None
        for line in text.splitlines():
            if line.startswith("*"):
                name = line
                found[family, name] = []
            elif name and not line.startswith(("#", "COMMIT")):
                found[family, name].append(re.sub(r" \[\d+:\d+\]$", "", line))
    empty = re.compile(r":[A-Z]+ ACCEPT$")
    return {key: lines for key, lines in found.items() if not all(empty.match(line) for line in lines)}


def left(script, folder):
    run = 'export XTABLES_LOCKFILE=$2/lock; (PATH=$2; . "$1") >/dev/null 2>"$2/said"; ' + SAVE
    return tables(inNamespace(run, script, folder)[0]), (folder / "said").read_text(errors="replace")


def parts(printed):
    """The texts for the two families."""
    if "# Generated by" not in printed:
        return printed, ""
    four, six = "", ""
    for part in re.split(r"^(?=# Generated by)", printed, flags=re.MULTILINE):
        if part.startswith("# Generated by ip6"):
            six += part
        else:
            four += part
    return four, six


def objection(opt, script, folder):
    """Nothing; or "skipped" where rules are not known; or what is wrong."""
    ours = subprocess.run([opt, "--to=save", str(script)], capture_output=True, text=True, errors="replace", check=False)
    theirs, said = left(script, folder)
    if "[syntax]" in ours.stderr and not said.strip():
        return "iptables takes all of it, and we say: " + ours.stderr.splitlines()[0]
    if "# not known: " in ours.stdout:
        return "skipped"
    four, six = parts(ours.stdout)
    if not theirs or all(family == 6 for family, _ in theirs):
        six, four = six or four, ""
    (folder / "four").write_text(four)
    (folder / "six").write_text(six)
    load = "export XTABLES_LOCKFILE=$1/lock; /usr/sbin/iptables-legacy-restore <$1/four; /usr/sbin/ip6tables-legacy-restore <$1/six; "
    saved, complaint = inNamespace(load + SAVE, folder)
    if complaint.strip() and said.strip():
        return "skipped"  # a command that iptables refuses, and of which we print the rule with its error
    if tables(saved) != theirs:
        return f"the script leaves\n{theirs}\nand we print\n{tables(saved)}\n{complaint}"
    return None


def corpusScripts(corpus):
    with open(corpus / "INDEX.tsv", newline="") as index:
        rows = [row for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE) if row["kind"] == "script"]
    for row in rows:
        lines = (corpus / row["path"]).read_text(errors="replace").splitlines()
        if all(PLAIN.match(re.sub(r"'[^']*'", "''", line)) for line in lines):
            yield corpus / row["path"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--iptlint-opt", required=True)
    parser.add_argument("--corpus", type=Path)
    wishes = parser.parse_args()
    if os.geteuid() != 0 or inNamespace("echo yes")[0] != "yes\n":
        print("skipped: needs root and network namespaces")
        return SKIPPED
    wrong, same, skipped = 0, 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs(folder)
        scripts = []
        for number, (title, text) in enumerate(OURS.items()):
            path = folder / f"{number}.sh"
            path.write_text("#!/bin/sh\n" + text)
            scripts.append((title, path))
        foreign = list(corpusScripts(wishes.corpus)) if wishes.corpus and wishes.corpus.exists() else []
        for title, path in scripts + [(str(path), path) for path in foreign]:
            reason = objection(wishes.iptlint_opt, path, folder)
            if reason == "skipped" and title not in OURS:
                skipped += 1
            elif reason:
                wrong += 1
                print(f"{title}: {reason}")
            else:
                same += 1
    print(f"{same} scripts leave what we print, {wrong} do not, {skipped} with commands that iptables refuses")
    return 1 if wrong or (foreign and same < MINIMUM) else 0


sys.exit(main())
