# bash

include = shell
description = bash
