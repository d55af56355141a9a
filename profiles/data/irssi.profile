# irssi - IRC client for the terminal.

include = irc
description = irssi

# /etc/irssi.conf has its proxy: no DNS, and no other way.
network = socks

# Neither irssi nor the perl of its scripts compiles at run time.
w-xor-x = yes

# Its programs share no System V memory.
seccomp-deny = ipc-sysv
