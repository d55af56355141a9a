# mutt

include = mail-cli
description = mutt
