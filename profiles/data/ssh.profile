# ssh - ssh, scp, sftp. Keys and known_hosts are those of the private home: a
# key of the host would tell every server who you are.

include = default
description = OpenSSH client

# /etc/ssh/ssh_config has a ProxyCommand in this mode: no DNS, no other way.
network = socks

# Two servers are not to see the same exit.
isolate-by = destination

# OpenSSH does not compile at run time.
w-xor-x = yes

# One connection, and what ControlMaster and port forwarding add.
max-connections = 256

# Its programs share no System V memory.
seccomp-deny = ipc-sysv
