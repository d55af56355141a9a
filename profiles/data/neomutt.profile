# neomutt

include = mail-cli
description = NeoMutt
