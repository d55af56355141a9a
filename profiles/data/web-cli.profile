# web-cli - programs that fetch: curl, wget and others.

include = default
description = fetches from the web, without a browser

# Two sites are not to see the same exit.
isolate-by = destination

# Their libraries do not need to compile at run time (PCRE's JIT falls back).
w-xor-x = yes

# Parallel transfers; not a crawler.
max-connections = 256

# They share no System V memory, and listen for nobody (FTP is passive).
seccomp-deny = ipc-sysv network-server
