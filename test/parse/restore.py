"""Asks iptables-legacy-restore about one line after the other and compares: what it takes has no error here,
what it refuses has one. Nothing is loaded: --test, and in a network namespace of its own.

Lines that differ on purpose stand below with the reason."""

import os
import subprocess
import sys
import tempfile

# A line of options behind `-A INPUT`, or a whole line where it begins with `=`.
IPV4 = r"""
-s 10/8
-s 10.1/16
-s 0/0
! -s 0/0
-s 1.2.3.4/33
-s 1.2.3.4/255.255
-s 1.2.3.4/255.0.255.0
-s 1.2.3.256
-s 010.1.1.1
-s 1.2.3.4,
-s 1.2.3.4,5.6.7.8/9
! -s 1.2.3.4,1.2.3.5
-s ::1
-s1.2.3.4
--source=1.2.3.4
-s 1.2.3.4 -s 1.2.3.4
-s ! 1.2.3.4
-i abcdefghijklmnop
-i abcdefghijklmno
-i +
! -i +
! -i ""
-i ""
"-s" "1.2.3.4"
-i a+b
-p TCP
-p 255
-p 256
-p ip
-p foo
-p ""
! -p all
-p tcp -p udp
-p tcp --dport 7:3
-p tcp --dport 0x50
-p tcp --dport SSH
-p tcp --dport ssh:80
-p tcp --dport :
-p tcp --dport "5"
-p tcp --dport=5
-p tcp --dport -5
-p tcp --dport
-p tcp --dpor 3 --jum ACCEPT
-p tcp --desti 1.2.3.4
-p tcp -m tcp --destinat 3
--dport 3 -p tcp
-p 6 --dport 3
-p tcp -m multiport --dport 80,443
-p tcp -m multiport --dports 80,443:
-p tcp -m multiport --dports 443:80
-p tcp -m multiport --dports 5:5
-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16
-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14:15
-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15:16
-p tcp -m multiport
-p tcp -m multiport --sports 1 --dports 3
-p tcp -m tcp -m multiport --dport 3
-p tcp --tcp-flags SYN
-p tcp --tcp-flags SYN,ACK ALL
-p tcp --tcp-flags syn NONE
-p tcp --tcp-flags SYN, NONE
-p tcp --tcp-flags FOO NONE
-p tcp --syn --tcp-flags SYN SYN
-p tcp ! --syn
-p tcp --syn --syn
-p tcp -m tcp --tcp-option 5
-p tcp -m tcp --tcp-option 0
-p tcp -m tcp --tcp-option 256
-p icmp --icmp-type 3/4
-p icmp --icmp-type 256
-p icmp --icmp-type 255/3
-p icmp --icmp-type ec
-p icmp --icmp-type echo-req
-p icmp --icmp-type ANY
-p icmp --icmp-type 8/0x0
-p icmp --icmp-type 8/
-p icmp -m icmp
-p icmpv6 -m icmp6 --icmpv6-type 1
-m state --state NEW,EST
-m state --state new,
-m state --state SNAT
-m state --state ""
-m conntrack --ctstate new,dnat
-m conntrack --ctstate new --ctproto 17
-m conntrack --ctstate new --ctstate old
-m mark --mark 0x1/0xff
-m mark --mark 0x1/0xff/3
-m mark --mark 0x1ffffffff
-m mark --mark -1
-m mark
-m mark --mark 1 -m mark --mark 2
-m mark --mark 1 -m connmark --mark 2
-m iprange --src-range 1.2.3.4
-m iprange --src-range 1.2.3.4-1.2.3.3
-m iprange --src-range 1.2.3.4-1.2.3
-m iprange --src-range 1.2.3.4-
-m iprange --src-range 1.2.3.4-x
-m iprange
-m addrtype --dst-type LOCAL,broad
-m addrtype --dst-type ,LOCAL
-m addrtype --dst-type ""
-m addrtype
-m mac --mac-source 1:2:3:4:5:6
-m mac --mac-source 00:02:03:04:05
-m mac --mac-source 00:02:03:04:05:gg
-m comment --comment ""
-m comment --comment 'a b'
-m comment --comment a"b c"d
-m limit
-m limit --limit 3/m
-m limit --limit 3/minutes
-m limit --limit 10001/s
-m limit ! --limit 3/s
-m limit --limit foo
-m hashlimit --hashlimit 1/s
-m hashlimit --hashlimit 1/s --hashlimit-name x
-m recent --name x --set
-m recent --set --update
-m length --length 9:3
-m length --length 70000
-m ttl --ttl-lt 300
-m ttl --ttl-lt 3 --ttl-gt 5
-m ttl ! --ttl-lt 3
-m string --string x
-m string --string x --algo bm
-m string ! --string x --algo bm
-m connbytes --connbytes 1:
-m time
-m statistic --mode random --probability 0.5
-m statistic --mode random --probability 1.5
-m pkttype --pkt-type broadcast
-m owner --pid-owner 3
-m owner --uid-owner 3
-m hl --hl-eq 3
-j ACCEPT -j DROP
-j ACCEPT -g x
-j
-j ""
! -j ACCEPT
-j ACCEPT foo
-j LOG --log-prefix ""
-j LOG --log-level 9
-j LOG --log-level debug
-j LOG --log-level DEBUG
--log-prefix x -j LOG
-j LOG --log-prefix "-x"
-j REJECT --reject-with foo
-j REJECT --reject-with icmp-port-unreach
-j REJECT --reject-with tcp-rst
-j REJECT --reject-with icmp6-no-route
-j MARK
-j MARK --set-mark 1/2
-j MARK --set-mark 1 --or-mark 2
-j TTL --ttl-set 4
-j HL --hl-set 4
-j NFQUEUE --queue-num 1:2
-j NFQUEUE --queue-num 70000
-j DNAT
-j DNAT --to-destination 1.2.3.4
-f
! -f
-f -f
-d 1.2.3.4 !
! ! -d 1.2.3.4
-c 1,2
-c 1 2 -j DROP
-c 1 -j DROP
-4 -j DROP
-6 -j NOTHING
-t nat
-w
-W 3
-x
-n
-v
--line-numbers
-M /sbin/modprobe
--
-
=# a comment
=  # no comment
=-s 1.2.3.4 -A INPUT -j ACCEPT
=[1:2] -A INPUT
=[1:2] -s 1.1.1.1 -A INPUT
=-j ACCEPT
=:INPUT ACCEPT
=:INPUT DROP [7:8]
=:INPUT ACCEPT [0:0] foo
=:INPUT ACCEPT foo
=:INPUT
=:INPUT QUEUE
=:INPUT -
=:foo -
=:foo ACCEPT
=:PREROUTING ACCEPT
=:LOG - [0:0]
=:abcdefghijabcdefghijabcdefgh -
=:abcdefghijabcdefghijabcdefghi -
=-N foo
=-N foo bar
=-N "a b"
=-N INPUT
=-P INPUT DROP
=-P INPUT FOO
=-P INPUT
=-F INPUT
=-F
=-Z
=-X
=-I INPUT -j DROP
=-I INPUT 1 -j DROP
=-I INPUT 0 -j DROP
=-I INPUT x -j DROP
=-A INPUT -I INPUT
=foo
=COMMIT now
=*nat
"""

IPV6 = r"""
-s ::/0
-s ::1/ffff::
-s ::1/129
-s 1.2.3.4
-s fe80::1,::2
-f
-p icmp --icmp-type 8
-p icmpv6 --icmpv6-type 128/0
-p ipv6-icmp -m icmp6 --icmpv6-type packet-too
-p icmpv6 --icmpv6-type any
-m icmpv6 -p icmpv6 --icmpv6-type 1
-m hl --hl-eq 255
-m ttl --ttl-eq 3
-m rt --rt-type 0
-m frag --fragmore
-j REJECT --reject-with icmp6-adm-prohibited
-j REJECT --reject-with icmp-port-unreachable
-j HL --hl-set 4
-j TTL --ttl-set 4
"""

# Taken by --test, but refused by the kernel when the rules are loaded: missing-match says so.
KERNEL_LATER = {"-m tcp --dport 1", "! -p tcp --dport 3", "-p udp -m tcp --dport 3"}
# Refused, since the text is not meant for --noflush; the reader cannot know.
NOFLUSH = {"=-I INPUT 5 -j DROP": "rules may stand in INPUT already"}
# Refused by iptables, where another check than the reader says why.
SAID_ELSEWHERE = {
    "-j NOTHING": "undefined-chain",
    "-g ACCEPT": "undefined-chain",
    "-m nothing": "unmodelled-option",
    "-m multiport --dports 3": "missing-match",
    "! -p tcp -m multiport --dports 3": "missing-match",
    "-p icmp -m multiport --dports 3": "missing-match",
}


def text(line):
    return "*filter\n" + (line[1:] if line.startswith("=") else "-A INPUT " + line) + "\nCOMMIT\n"


def accepts(command, line, folder):
    path = os.path.join(folder, "rules")
    with open(path, "w") as file:
        file.write(text(line))
    ran = subprocess.run(command + [path], capture_output=True)
    return ran.returncode == 0 and b": error: " not in ran.stderr


def compare(family, lines, namespace, folder):
    restore = ["ip", "netns", "exec", namespace, f"ip{'6' if family == 6 else ''}tables-legacy-restore", "--test"]
    wrong = 0
    for line in lines:
        ours = accepts(["iptlint-opt", f"--family={family}"], line, folder)
        theirs = accepts(restore, line, folder)
        if line in KERNEL_LATER or line in SAID_ELSEWHERE or line in NOFLUSH:
            expected = (True, line in KERNEL_LATER)
            if (ours, theirs) != expected:
                print(f"IPv{family}: listed as an exception and is none: {line}")
                wrong += 1
        elif ours != theirs:
            print(f"IPv{family}: {'refused by' if ours else 'taken by'} iptables-restore alone: {line}")
            wrong += 1
    return wrong


def main():
    namespace = f"iptlint-restore-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", namespace], check=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            four = IPV4.strip("\n").split("\n") + list(KERNEL_LATER) + list(SAID_ELSEWHERE) + list(NOFLUSH)
            six = IPV6.strip("\n").split("\n")
            wrong = compare(4, four, namespace, folder) + compare(6, six, namespace, folder)
    finally:
        subprocess.run(["ip", "netns", "delete", namespace], check=True)
    print(f"{len(four) + len(six)} lines, {wrong} differ")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
