# mail-cli - mail in the terminal: mutt, neomutt and others. The account tells
# the server who you are: use one identity for one account (-i NAME).

include = default
description = mail client for the terminal

# Neither the clients nor the pagers they start compile at run time.
w-xor-x = yes

# SMTP, POP and IMAP, with and without TLS; any port of a hidden service. Not
# the web: a mail in HTML that loads an image from there tells its sender when
# and by which exit it is read. Where a script fetches a token (OAuth), a
# drop-in names its server: allow-destinations = login.example.org:443
allow-destinations = *:25,110,143,465,587,993,995,2525 *.onion

# One account: reading and sending may share an exit, so isolate-by stays app.
max-connections = 64

# A Maildir index holds many files open.
max-files = 4096

# Its programs share no System V memory.
seccomp-deny = ipc-sysv
