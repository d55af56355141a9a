# git - over https and ssh. Repositories are those of the private home; name a
# directory of yours with --bind to work in it.
#
# w-xor-x stays off: `git grep -P` compiles its pattern and gives up where it
# cannot.

include = default
description = git

# Two forges are not to see the same exit.
isolate-by = destination

# A fetch with many packs and worktrees holds many files open.
max-files = 4096
max-connections = 64
