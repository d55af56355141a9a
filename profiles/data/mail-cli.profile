# mail-cli - mail in the terminal: mutt, neomutt and others. The account tells
# the server who you are: use one identity for one account (-i NAME).

include = default
description = mail client for the terminal

# Neither the clients nor the pagers they start compile at run time.
w-xor-x = yes

# One account: reading and sending may share an exit, so isolate-by stays app.
max-connections = 64

# A Maildir index holds many files open.
max-files = 4096

# Its programs share no System V memory.
seccomp-deny = ipc-sysv
