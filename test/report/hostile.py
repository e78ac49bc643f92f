"""Writes rules with a comment that would take over a terminal, and that is no UTF-8.

usage: hostile.py FILE
"""
import sys

COMMENT = b"\x1b[31mred \xc2\x9b1m \xe2\x80\xaeback \xff\xe2\x82\xac \xe6\xbc\xa2"
with open(sys.argv[1], "wb") as out:
    out.write(b"-A INPUT -s 10.0.0.0/8 -j ACCEPT\n")
    out.write(b'-A INPUT -s 10.0.0.0/9 -m comment --comment "' + COMMENT + b'" -j ACCEPT\n')
