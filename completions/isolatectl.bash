# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# completions/isolatectl.bash - completion of isolatectl for bash

# Names in the first column of a listing; its head line is not one.
_isolatectl_names() { # WORD...
	isolatectl "$@" 2>/dev/null | sed -n '2,$s/ .*//p'
}

_isolatectl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local words=

	case $prev in
	-n | --last)
		return
		;;
	--identity)
		words=$(_isolatectl_names identity list)
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
		;;
	esac
	case "$COMP_CWORD ${COMP_WORDS[1]} ${COMP_WORDS[2]-}" in
	'1 '*) words='log identity newnym circuits top tor profile --help --version' ;;
	*' log '*) words='-n --last --identity --json --help' ;;
	*' newnym '*) words="$(_isolatectl_names identity list) --close --help" ;;
	*' circuits '*) words='--watch --json --help' ;;
	*' top '*) words='--once --json --help' ;;
	'2 identity '*) words='list show --help' ;;
	'2 tor '*) words='start stop restart status log config forget bridges --help' ;;
	'3 tor bridges') words='add list remove test --help' ;;
	'2 profile '*) words='list show --help' ;;
	*' identity show') words="$(_isolatectl_names identity list) --json
		--help" ;;
	*' tor forget') words="$(_isolatectl_names identity list) --help" ;;
	*' profile show') words="$(_isolatectl_names profile list) --help" ;;
	*' tor bridges')
		case "$COMP_CWORD ${COMP_WORDS[3]-}" in
		*' list' | *' test') words='--json --help' ;;
		*' remove') words='all --help' ;;
		*) words='--help' ;;
		esac
		;;
	*' tor status') words="$(_isolatectl_names identity list) --json --help" ;;
	*' tor start' | *' tor restart') words="$(_isolatectl_names identity list)
		--plain --help" ;;
	*' tor '*) words="$(_isolatectl_names identity list) --help" ;;
	*' list') words='--json --help' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _isolatectl isolatectl
